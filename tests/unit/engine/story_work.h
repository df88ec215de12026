// The work of a story: rows are numbers, and every rule that an engine has to keep is looked after.
#pragma once

#include "story.h"

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace engine_test {

/// Fills batches with row values. What an engine does against the rules is noted in broken().
class StoryWork : public engine::Work {
  public:
    /// `spin`: random waiting in each body, in turns of a loop; 0: none.
    StoryWork(const Story& story, const engine::Settings& settings, std::uint32_t spin);

    engine::WindowMade make_window(WindowId id, std::uint32_t slot, std::uint32_t worker) override;
    void recycle_window(std::uint32_t slot) override;
    engine::BatchOpened open_batch(const engine::StepPlan& plan, std::uint32_t slot) override;
    std::optional<base::Error> make_strip(const engine::StripTask& task) override;

    /// The batch in a slot, as the caller sees it.
    Seen seen(const engine::StepPlan& plan, std::uint32_t slot) const;

    /// The first rule that was broken, or "".
    std::string broken() const;
    std::uint32_t windows_out() const { return windows_out_; }
    std::uint64_t bytes_per_row = 8;
    /// Called at the start of each window and strip, outside any lock.
    std::function<void(WindowId)> on_window;

  private:
    struct Window {
        WindowId id;
        std::uint32_t rows = 0;
        std::uint64_t value = 0;
        bool made = false;
    };

    void note(bool holds, const std::string& rule);
    void spin(std::uint64_t draw) const;
    void enter(std::uint32_t worker);
    void leave(std::uint32_t worker);
    Window& window(std::uint32_t slot);

    const Story& story_;
    std::uint32_t spin_;
    mutable std::mutex mutex_;
    std::deque<Window> windows_;
    std::vector<std::vector<std::uint64_t>> batches_;
    std::deque<std::atomic<bool>> workers_;
    std::atomic<bool> serial_{false};
    std::atomic<std::uint32_t> windows_out_{0};
    std::string broken_;
};

}  // namespace engine_test
