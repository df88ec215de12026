// What the engine runs for a pipeline: windows into slots, batches opened, strips made.
#pragma once

#include <embedloom/engine/engine.h>
#include <embedloom/run/batch_slot.h>
#include <embedloom/run/strip_maker.h>
#include <embedloom/run/tally.h>
#include <embedloom/run/window_maker.h>

#include <deque>
#include <mutex>
#include <vector>

namespace embedloom::run {

/// The slots and the two functions of design page "architecture": make a window, make a strip.
class PipelineWork final : public engine::Work {
  public:
    struct Parts {
        const WindowMaker* windows;
        const StripMaker* strips;
        Tally* tally;
        std::uint32_t batch_slots;
    };
    explicit PipelineWork(Parts parts);

    engine::WindowMade make_window(engine::WindowId id, std::uint32_t window_slot, std::uint32_t worker) override;
    void recycle_window(std::uint32_t window_slot) override;
    engine::BatchOpened open_batch(const engine::StepPlan& plan, std::uint32_t batch_slot) override;
    std::optional<base::Error> make_strip(const engine::StripTask& task) override;

    /// The batch in a slot, complete once the engine has handed it out.
    const Batch& batch(std::uint32_t slot) const { return batches_[slot].view; }

  private:
    WindowRows& window(std::uint32_t slot);

    Parts parts_;
    std::mutex mutex_;                 // guards growth of windows_; elements never move
    std::deque<WindowRows> windows_;
    std::vector<BatchSlot> batches_;
};

}  // namespace embedloom::run
