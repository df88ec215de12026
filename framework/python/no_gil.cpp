// Counting of threads without the GIL.
#include <embedloom/python/no_gil.h>

#include <atomic>
#include <thread>

namespace embedloom::python {

namespace {
std::atomic<int> threads_without{0};
std::atomic<bool> ends{false};
}  // namespace

NoGil::NoGil() {
    ++threads_without;  // the GIL is held: end_of_interpreter() sees this thread, or this thread sees the end
    if (!ends) released_.emplace();
}

NoGil::~NoGil() {
    released_.reset();
    --threads_without;
}

bool NoGil::is_the_end() { return ends; }

void end_of_interpreter(std::chrono::milliseconds time) {
    ends = true;
    const nanobind::gil_scoped_release released;
    const auto until = std::chrono::steady_clock::now() + time;
    while (threads_without && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace embedloom::python
