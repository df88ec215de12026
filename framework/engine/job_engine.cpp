// One job.
#include <embedloom/engine/job_engine.h>

#include <utility>

namespace embedloom::engine {

bool JobEngine::run_job(Lock& lock, std::uint32_t worker) {
    const bool ran = run_serial_job(lock) || run_any_strip(lock, worker) || run_any_window(lock, worker);
    const bool passed = pass_on_finished();  // alone where the stream is over before anything runs
    tell_caller();
    return ran || passed;
}

bool JobEngine::run_any_strip(Lock& lock, std::uint32_t worker) {
    auto strip = coordinator_.take_strip();
    if (!strip) return false;
    strip->worker = worker;
    run_strip(lock, *strip);
    return true;
}

bool JobEngine::run_any_window(Lock& lock, std::uint32_t worker) {
    const auto window = coordinator_.take_window();
    if (!window) return false;
    lock.unlock();
    Border::TimedWindow timed = border_.make_window(window->id, window->slot, worker);
    lock.lock();
    window_time_ += timed.time;
    coordinator_.window_made(window->slot, std::move(timed.made));
    return true;
}

bool JobEngine::pass_on_finished() {
    bool passed = false;
    while (const auto finished = coordinator_.take_finished()) in_order_.put(*finished);
    for (; const auto finished = in_order_.take(); passed = true) arrive(*finished);
    return passed;
}

}  // namespace embedloom::engine
