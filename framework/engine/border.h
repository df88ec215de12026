// The border between an engine and what it runs: an exception that crosses it becomes an error value here.
#pragma once

#include <embedloom/engine/engine.h>

namespace embedloom::engine {

/// Runs Work, noexcept and timed. An exception is a bug of whoever threw it, told as Code::internal; memory that ran out is
/// Code::resources; a base::Failure keeps its first error. [any-thread] or [serial] as in Work.
class Border {
  public:
    explicit Border(Work& work) : work_(work) {}

    struct TimedWindow {
        WindowMade made;
        std::chrono::nanoseconds time{0};
    };
    struct TimedStrip {
        std::optional<base::Error> error;
        std::chrono::nanoseconds time{0};
    };

    TimedWindow make_window(WindowId id, std::uint32_t window_slot, std::uint32_t worker) const noexcept;
    TimedStrip make_strip(const StripTask& task) const noexcept;
    BatchOpened open_batch(const StepPlan& plan, std::uint32_t batch_slot) const noexcept;
    std::optional<base::Error> recycle_window(std::uint32_t window_slot) const noexcept;

  private:
    Work& work_;
};

/// The exception that is being handled, as an error. Call it in a catch block.
base::Error current_error(const char* where) noexcept;

}  // namespace embedloom::engine
