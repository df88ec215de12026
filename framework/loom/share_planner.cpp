// Dealing ahead to see what a rank's share will need.
#include <embedloom/loom/law_errors.h>
#include <embedloom/loom/share_planner.h>

#include <span>

namespace embedloom::loom {

SharePlanner::SharePlanner(const Shape& shape, const State& state, const RowCounts& counts)
    : shape_(shape), counts_(counts), dealer_(shape, state) {}

std::optional<Grant> SharePlanner::next() {
    while (wanted_.empty() && !over_) deal_one();
    if (wanted_.empty()) return std::nullopt;
    const Grant grant = wanted_.front();
    wanted_.pop_front();
    return grant;
}

void SharePlanner::deal_one() {
    const StepResult result = dealer_.advance(counts_);
    if (const Need* need = std::get_if<Need>(&result)) refuse_unknown_count(need->epoch, need->window);
    const Step* step = std::get_if<Step>(&result);
    over_ = !step;
    if (over_) return want_left_out();
    const RowRange rows = share(step->places.size(), shape_.rank, shape_.world);
    for (const Need& window : windows_of(std::span(step->places).subspan(rows.begin, rows.size())))
        if (granted_.emplace(window.epoch, window.window).second)
            wanted_.push_back({window.epoch, window.window});
    forget_spent();
}

/// A window of which no batch takes a row belongs to no rank's share; the first makes it, so that it is read and counted.
void SharePlanner::want_left_out() {
    if (shape_.rank != 0) return;
    for (const Place& place : dealer_.left_out())
        if (place.row == 0) wanted_.push_back({place.epoch, place.window});
}

void SharePlanner::forget_spent() {
    std::erase_if(granted_, [&](const auto& window) {
        const auto rows = counts_.rows(window.first, window.second);
        return rows && is_spent(dealer_.state(), window.first, window.second, *rows);
    });
}

}  // namespace embedloom::loom
