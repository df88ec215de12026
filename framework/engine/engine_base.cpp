// next(), its endings, and the jobs that every engine runs in the same way.
#include <embedloom/engine/engine_base.h>

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

namespace embedloom::engine {

namespace {

base::Error every_slot_held(std::uint32_t slots) {
    return {.code = base::Code::usage,
            .found = "all " + std::to_string(slots) + " batches in the caller's hands",
            .expected = "one given back before the next is asked for",
            .hint = "let go of a batch and all its tensors, copy what you keep, or make run.batches larger"};
}

base::Error interrupted() { return {.code = base::Code::interrupted, .found = "the run was cancelled"}; }

base::Error stalled(const std::string& unfinished, std::chrono::milliseconds timeout) {
    return {.code = base::Code::stalled,
            .found = "no progress for " + std::to_string(timeout.count()) + " ms (" + unfinished + ")",
            .hint = "a stage hangs, or a message was lost, which is a bug"};
}

}  // namespace

base::Error forked() {
    return {.code = base::Code::usage,
            .found = "a process that was forked after the threads had started",
            .expected = "the process that started them: a child of fork() has none of its parent's threads",
            .hint = "open the session in the child, or start children with spawn or forkserver"};
}

EngineBase::EngineBase(const Settings& settings, Work& work)
    : settings_(settings), border_(work), coordinator_(settings) {}

// ---- the caller's side

Next EngineBase::next() {
    if (is_forked()) return forked();
    Lock lock(mutex_);
    wait_for_news(lock, Clock::time_point::max());
    if (ending_) return *ending_;
    if (!ready_.empty()) return take_ready();
    return every_slot_held(settings_.batch_slots);
}

bool EngineBase::ready_within(std::chrono::milliseconds time) {
    if (is_forked()) return true;
    Lock lock(mutex_);
    return wait_for_news(lock, Clock::now() + time);
}

bool EngineBase::has_news() const { return ending_ || !ready_.empty() || coordinator_.waits_for_caller(); }

/// Only a caller who waits can see a stall: one who is slow holds up everything himself.
bool EngineBase::wait_for_news(Lock& lock, Clock::time_point until) {
    if (std::exchange(starts_, false))
        if (auto error = start()) fail(*std::move(error));
    const auto begin = Clock::now();
    for (auto now = begin; !has_news() && now < until; now = Clock::now()) {
        if (const std::uint64_t events = coordinator_.events(); !stalls_at_ || events != seen_events_) {
            seen_events_ = events;
            stalls_at_ = now + settings_.stall_timeout;
        } else if (now >= *stalls_at_) {
            fail(stalled(coordinator_.unfinished(), settings_.stall_timeout));
        }
        if (!has_news()) wait(lock, std::min(until, *stalls_at_));
    }
    caller_waited_ += Clock::now() - begin;
    if (has_news()) stalls_at_.reset();
    return has_news();
}

Next EngineBase::take_ready() {
    const Finished finished = ready_.front();
    ready_.pop_front();
    Next next = coordinator_.hand_out(finished);
    if (!std::holds_alternative<Batch>(next)) ending_ = next;
    return next;
}

void EngineBase::give_back(std::uint32_t batch_slot) {
    if (is_forked()) return;
    {
        const Lock lock(mutex_);
        coordinator_.given_back(batch_slot);
        tell_caller();
    }
    poke();
}

void EngineBase::cancel() noexcept {
    if (is_forked()) return;
    {
        const Lock lock(mutex_);
        fail(interrupted());
    }
    poke();
}

Counters EngineBase::counters() const {
    if (is_forked()) return {};
    const Lock lock(mutex_);
    Counters counters = coordinator_.counters();
    counters.window_time = window_time_;
    counters.strip_time = strip_time_;
    counters.caller_waited = caller_waited_;
    return counters;
}

bool EngineBase::is_forked() const noexcept {
    const pid_t started_in = started_in_;
    return started_in != 0 && started_in != getpid();
}

// ---- the jobs' side

bool EngineBase::run_serial_job(Lock& lock) {
    if (serial_job_runs_) return false;
    if (const auto slot = coordinator_.take_recycle()) {
        serial_job_runs_ = true;
        lock.unlock();
        auto error = border_.recycle_window(*slot);
        lock.lock();
        if (error) fail(*std::move(error));
        coordinator_.recycled(*slot);
    } else if (const auto open = coordinator_.take_open()) {
        serial_job_runs_ = true;
        lock.unlock();
        BatchOpened opened = border_.open_batch(*open->plan, open->batch_slot);
        lock.lock();
        coordinator_.opened(open->batch_slot, std::move(opened));
    } else {
        return false;
    }
    serial_job_runs_ = false;
    return true;
}

void EngineBase::run_strip(Lock& lock, StripTask task) {
    std::optional<base::Error> error;
    if (coordinator_.is_wanted(task)) {
        lock.unlock();
        Border::TimedStrip timed = border_.make_strip(task);
        lock.lock();
        strip_time_ += timed.time;
        error = std::move(timed.error);
    }
    coordinator_.strip_made(task, std::move(error));
}

void EngineBase::arrive(const Finished& finished) {
    if (finished.sequence != arrived_++)
        return fail({.stage = "order",
                     .found = "place " + std::to_string(finished.sequence),
                     .expected = "place " + std::to_string(arrived_ - 1),
                     .hint = "this is a bug"});
    ready_.push_back(finished);
    tell_caller();
}

void EngineBase::tell_caller() {
    if (!ready_.empty() || ending_ || coordinator_.waits_for_caller()) caller_.notify_all();
}

void EngineBase::fail(base::Error error) noexcept {
    if (!ending_) ending_ = std::move(error);
    coordinator_.cancel();
    caller_.notify_all();
}

}  // namespace embedloom::engine
