// A mutex that nobody takes again before those who have waited for it.
#pragma once

#include <chrono>
#include <mutex>

namespace embedloom::python {

/// Whoever comes waits behind who waits already: a loop that lets go for a moment only does not keep the others out. For
/// std::lock_guard and std::unique_lock.
class FairMutex {
  public:
    void lock() {
        const std::lock_guard first(queue_);
        held_.lock();
    }
    void unlock() { held_.unlock(); }
    /// Waits at most twice so long.
    bool try_lock_for(std::chrono::milliseconds time) {
        const std::unique_lock first(queue_, time);
        return first && held_.try_lock_for(time);
    }

  private:
    std::timed_mutex queue_, held_;
};

}  // namespace embedloom::python
