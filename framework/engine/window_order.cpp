// loom's two planners behind one face, with what they have granted and there is no room for yet.
#include <embedloom/base/error.h>
#include <embedloom/engine/window_order.h>
#include <embedloom/loom/planner.h>
#include <embedloom/loom/ranks.h>
#include <embedloom/loom/share_planner.h>

namespace embedloom::engine {

namespace {

class DryFirst final : public WindowOrder {
  public:
    explicit DryFirst(const Settings& settings) : planner_(settings.shape, settings.start) {}

    void granted(WindowId id) override {
        if (offered_ == id)
            offered_.reset();
        else
            planner_.grant({.epoch = id.epoch, .window = id.window});
    }
    void made(WindowId id, std::uint32_t rows) override { planner_.made(id.epoch, id.window, rows); }
    void dealt(const loom::State& after) override { planner_.dealt(after); }

  private:
    std::optional<loom::Grant> offer() override { return planner_.next(); }

    loom::WindowPlanner planner_;
};

class FirstUse final : public WindowOrder {
  public:
    explicit FirstUse(const Settings& settings) : planner_(settings.shape, settings.start, *settings.counts) {}

    /// What a step needs and is not granted is what this order has next: both go by first use.
    void granted(WindowId id) override {
        if (peek() == id) offered_.reset();
    }
    void made(WindowId, std::uint32_t) override {}
    void dealt(const loom::State&) override {}

  private:
    /// An error of the stream is the dealer's to tell, at its place.
    std::optional<loom::Grant> offer() override {
        try {
            return planner_.next();
        } catch (const base::Failure&) {
            return std::nullopt;
        }
    }

    loom::SharePlanner planner_;
};

}  // namespace

std::optional<WindowId> WindowOrder::peek() {
    if (offered_) return offered_;
    if (const auto grant = offer()) offered_ = {grant->epoch, grant->window};
    return offered_;
}

std::span<const loom::Place> own_places(const loom::Shape& shape, std::span<const loom::Place> places) {
    const loom::RowRange own = loom::share(places.size(), shape.rank, shape.world);
    return places.subspan(own.begin, own.size());
}

std::unique_ptr<WindowOrder> make_window_order(const Settings& settings) {
    if (settings.counts != nullptr) return std::make_unique<FirstUse>(settings);
    return std::make_unique<DryFirst>(settings);
}

}  // namespace embedloom::engine
