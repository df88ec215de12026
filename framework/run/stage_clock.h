// Where the time goes: nanoseconds of work of each stage, summed over threads.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

namespace embedloom::run {

enum class TimedStage { read, tokenize, segment, objective, collate, embed };
inline constexpr std::size_t timed_stages = 6;

/// [any-thread]
class StageClock {
  public:
    void add(TimedStage stage, std::chrono::nanoseconds time) {
        sums_[static_cast<std::size_t>(stage)].fetch_add(static_cast<std::uint64_t>(time.count()), std::memory_order_relaxed);
    }
    std::vector<std::uint64_t> sums() const {
        return {sums_.begin(), sums_.end()};
    }

  private:
    std::array<std::atomic<std::uint64_t>, timed_stages> sums_{};
};

/// Times what happens between one lap and the next.
class Laps {
  public:
    explicit Laps(StageClock& clock) : clock_(&clock) {}
    void lap(TimedStage stage) {
        const auto now = std::chrono::steady_clock::now();
        clock_->add(stage, now - last_);
        last_ = now;
    }

  private:
    StageClock* clock_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace embedloom::run
