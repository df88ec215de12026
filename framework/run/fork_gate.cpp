// pthread_atfork: its handlers run on the thread that forks.
#include <embedloom/run/fork_gate.h>

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>

namespace embedloom::run {

namespace {

struct Gate {
    std::mutex mutex;
    std::condition_variable changed;
    std::uint64_t inside = 0;
    bool is_closed = false;
};

/// Never destroyed: threads may be inside when the program ends. Takes no memory: it is made before anybody could tell that there is none.
Gate& gate() {
    alignas(Gate) static std::byte memory[sizeof(Gate)];
    static Gate& made = *new (memory) Gate;
    return made;
}

thread_local std::uint64_t inside_here = 0;  // of gate().inside: this thread's

/// A thread that forks in a call of its own, as a plugin may, waits for the others'.
void before_fork() {
    std::unique_lock lock(gate().mutex);
    gate().is_closed = true;
    gate().changed.wait(lock, [] { return gate().inside == inside_here; });
}

void after_fork_in_parent() {
    const std::lock_guard lock(gate().mutex);
    gate().is_closed = false;
    gate().changed.notify_all();
}

/// Of the parent's threads, some of which may have waited here, only this one is left.
void after_fork_in_child() { (new (&gate()) Gate)->inside = inside_here; }

/// When the program or module is loaded: a fork in the middle of this, on the first call, would leave it undone in the child for ever.
/// Without memory for it a fork is as it always was.
[[maybe_unused]] const int registered = (gate(), ::pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child));

}  // namespace

ForkGate::ForkGate() {
    std::unique_lock lock(gate().mutex);
    gate().changed.wait(lock, [] { return !gate().is_closed || inside_here > 0; });
    ++gate().inside;
    ++inside_here;
}

ForkGate::~ForkGate() {
    const std::lock_guard lock(gate().mutex);
    --gate().inside;
    --inside_here;
    if (gate().is_closed) gate().changed.notify_all();
}

}  // namespace embedloom::run
