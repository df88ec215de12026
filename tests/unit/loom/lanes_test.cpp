// The default number of lanes, and what is said about a wrong one.
#include <embedloom/loom/lanes.h>

#include "support.h"
#include "support/catch.hpp"

using namespace loom_test;

TEST_CASE("lanes: the default is the largest divisor of the batch within 64, the windows and 8 MiB") {
    const auto lanes = [](std::uint32_t batch, std::uint64_t windows, std::uint64_t window_bytes) {
        return default_lanes({.limits = {.batch = batch, .windows = windows}, .window_bytes = window_bytes});
    };
    CHECK(lanes(256, 10000, 65536) == 64);
    CHECK(lanes(100, 10000, 65536) == 50);
    CHECK(lanes(97, 10000, 65536) == 1);
    CHECK(lanes(256, 10, 65536) == 8);
    CHECK(lanes(256, 10000, 1 << 20) == 8);
    CHECK(lanes(256, 10000, std::uint64_t{1} << 30) == 1);
    CHECK(lanes(2, 10000, 0) == 2);
    CHECK(default_lanes({.limits = {.batch = 256, .windows = 99}, .file_order = true}) == 1);
}

TEST_CASE("lanes: a wrong number is refused with the nearest allowed ones") {
    const auto refusal = [](std::uint32_t lanes, const LaneLimits& limits) {
        return failure([&] { check_lanes(lanes, limits); });
    };
    CHECK(refusal(8, {.batch = 256, .windows = 8}).empty());
    CHECK(refusal(10, {.batch = 256, .windows = 99}).ends_with("nearest: 8 or 16"));
    CHECK(refusal(10, {.batch = 256, .windows = 9}).ends_with("nearest: 8"));
    CHECK(refusal(64, {.batch = 256, .windows = 40}) ==
          "run.lanes: found 64, expected a divisor of batch.size 256, at most the 40 windows of an epoch; "
          "nearest: 32");
    CHECK(refusal(0, {.batch = 4, .windows = 40}).ends_with("nearest: 1"));
    CHECK(refusal(1000, {.batch = 12, .windows = 40}).ends_with("nearest: 12"));
    CHECK(refusal(1, {.batch = 12, .windows = 0}) == "source: found no record, expected at least one");
}

TEST_CASE("lanes: whether they divide the batch is known before the windows are") {
    CHECK(failure([] { check_divisor(16, 256); }).empty());
    CHECK(failure([] { check_divisor(10, 256); }) == "run.lanes: found 10, expected a divisor of batch.size 256; nearest: 8 or 16");
}
