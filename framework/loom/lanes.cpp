// Divisors of the batch: the largest that fits, and the nearest to a wrong guess.
#include <embedloom/base/error.h>
#include <embedloom/loom/lanes.h>

#include <algorithm>
#include <string>

namespace embedloom::loom {

namespace {

constexpr std::uint64_t most_lanes_by_default = 64;
constexpr std::uint64_t lane_text_bytes = std::uint64_t{8} << 20;

/// The largest divisor of `batch` that is at most `most`; 1 where most is 0.
std::uint32_t divisor_up_to(std::uint32_t batch, std::uint64_t most) {
    std::uint64_t lanes = std::clamp<std::uint64_t>(most, 1, batch);
    while (batch % lanes) --lanes;
    return static_cast<std::uint32_t>(lanes);
}

/// The smallest divisor of `batch` above `lanes`, or 0.
std::uint32_t divisor_above(std::uint32_t batch, std::uint32_t lanes) {
    for (std::uint64_t next = std::uint64_t{lanes} + 1; next <= batch; ++next)
        if (batch % next == 0) return static_cast<std::uint32_t>(next);
    return 0;
}

base::Error refusal(std::uint32_t lanes, const LaneLimits& limits) {
    const std::uint64_t most = limits.windows ? std::min<std::uint64_t>(limits.batch, limits.windows) : limits.batch;
    const std::uint32_t below = divisor_up_to(limits.batch, std::min<std::uint64_t>(lanes, most));
    const std::uint32_t above = divisor_above(limits.batch, lanes);
    std::string hint = "nearest: " + std::to_string(below);
    if (above > below && above <= most) hint += " or " + std::to_string(above);
    std::string expected = "a divisor of batch.size " + std::to_string(limits.batch);
    if (limits.windows) expected += ", at most the " + std::to_string(limits.windows) + " windows of an epoch";
    return {.code = base::Code::config,
            .key_path = "run.lanes",
            .found = std::to_string(lanes),
            .expected = std::move(expected),
            .hint = std::move(hint)};
}

bool divides(std::uint32_t lanes, std::uint32_t batch) { return lanes > 0 && batch % lanes == 0; }

void check_windows(const LaneLimits& limits) {
    if (limits.windows == 0)
        throw base::Failure({.code = base::Code::config,
                             .stage = "source",
                             .found = "no record",
                             .expected = "at least one"});
}

}  // namespace

void check_lanes(std::uint32_t lanes, const LaneLimits& limits) {
    check_windows(limits);
    if (!divides(lanes, limits.batch) || lanes > limits.windows) throw base::Failure(refusal(lanes, limits));
}

void check_divisor(std::uint32_t lanes, std::uint32_t batch) {
    if (!divides(lanes, batch)) throw base::Failure(refusal(lanes, {.batch = batch}));
}

std::uint32_t default_lanes(const LaneChoice& choice) {
    check_windows(choice.limits);
    if (choice.file_order) return 1;
    const std::uint64_t by_bytes = lane_text_bytes / std::max<std::uint64_t>(choice.window_bytes, 1);
    const std::uint64_t most = std::min({most_lanes_by_default, choice.limits.windows, by_bytes});
    return divisor_up_to(choice.limits.batch, most);
}

}  // namespace embedloom::loom
