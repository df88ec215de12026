// What the engines share: the coordinator behind its lock, what next() says, the watch for stalls and for fork().
#pragma once

#include <embedloom/engine/border.h>
#include <embedloom/engine/coordinator.h>

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace embedloom::engine {

/// What a child of fork() is told.
base::Error forked();

/// An engine adds who runs the jobs. Its destructor must stop that: when this class goes, nothing may run any more.
class EngineBase : public Engine {
  public:
    Next next() final;
    bool ready_within(std::chrono::milliseconds time) final;
    void give_back(std::uint32_t batch_slot) final;
    void cancel() noexcept final;
    Counters counters() const final;

  protected:
    using Lock = std::unique_lock<std::mutex>;
    using Clock = std::chrono::steady_clock;

    EngineBase(const Settings& settings, Work& work);

    /// Starts threads, if there are to be any, at the first next(); the lock is held.
    virtual std::optional<base::Error> start() { return std::nullopt; }
    /// Waits until something may have changed for the caller. The lock is held before and after.
    virtual void wait(Lock& lock, Clock::time_point until) { caller_.wait_until(lock, until); }
    /// Jobs may have come up from outside; the lock is not held.
    virtual void poke() {}

    /// Runs a recycling or an opening, if there is one and nobody else does. The lock is let go meanwhile.
    bool run_serial_job(Lock& lock);
    void run_strip(Lock& lock, StripTask task);
    /// What is finished, in its order; the lock is held.
    void arrive(const Finished& finished);
    /// Wakes the caller if next() has something to say; the lock is held.
    void tell_caller();
    /// A bug or the machine ends the run, wherever the stream is; the lock is held.
    void fail(base::Error error) noexcept;

    /// There are threads now, in this process: its children are refused.
    void mark_started() noexcept { started_in_ = getpid(); }
    bool is_forked() const noexcept;

    const Settings settings_;
    const Border border_;
    mutable std::mutex mutex_;  // guards all below
    Coordinator coordinator_;
    std::chrono::nanoseconds window_time_{0};

  private:
    Next take_ready();
    bool has_news() const;
    bool wait_for_news(Lock& lock, Clock::time_point until);

    std::condition_variable caller_;
    bool starts_ = true;
    std::deque<Finished> ready_;
    std::uint64_t arrived_ = 0;
    std::optional<Next> ending_;  // what next() says from now on
    std::uint64_t seen_events_ = 0;                 // when the caller last saw something happen, and
    std::optional<Clock::time_point> stalls_at_;    // how long nothing may happen; empty: nobody waits
    bool serial_job_runs_ = false;
    std::chrono::nanoseconds strip_time_{0};
    std::chrono::nanoseconds caller_waited_{0};
    std::atomic<pid_t> started_in_{0};
};

}  // namespace embedloom::engine
