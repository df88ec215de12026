// A cancellation that a signal handler may ask for.
#pragma once

#include <embedloom/base/descriptor.h>
#include <embedloom/base/error.h>

#include <atomic>
#include <functional>
#include <thread>

namespace embedloom::run {

/// Carries a request out of a signal handler: request() only sets an atomic and writes one byte to a pipe; a thread that sleeps on
/// the pipe then calls `act`, which may lock and wake.
class Cancel {
  public:
    /// Throws Failure, resources, where there is no pipe to be had; std::system_error where there is no thread.
    explicit Cancel(std::function<void()> act);
    ~Cancel();
    Cancel(const Cancel&) = delete;
    Cancel& operator=(const Cancel&) = delete;

    /// Async-signal-safe. The first reason stays.
    void request(base::Code reason) noexcept;
    bool is_requested() const noexcept { return reason_.load() != 0; }
    base::Code reason() const noexcept { return static_cast<base::Code>(reason_.load()); }

  private:
    std::atomic<int> reason_{0};
    base::Descriptor read_end_, write_end_;
    std::function<void()> act_;
    std::thread watcher_;
};

}  // namespace embedloom::run
