// Windows of records, bytes and blocks, and how well blocks mix.
#include <embedloom/loom/score.h>

#include <algorithm>

#include "support.h"
#include "support/catch.hpp"

using namespace loom_test;

TEST_CASE("windows: a window has as many records as fit its bytes on average, at least one") {
    CHECK(cut_records({.records = 10, .bytes = 1000, .window_bytes = 250}).size == 2);  // 100 bytes each
    CHECK(cut_records({.records = 10, .bytes = 1001, .window_bytes = 1001}).size == 10);
    CHECK(cut_records({.records = 10, .bytes = 1000, .window_bytes = 99}).size == 1);
    CHECK(cut_records({.records = 3, .bytes = 1000, .window_bytes = 1000}).size == 3);  // 333.3, not 334
    CHECK(cut_records({.records = 10, .bytes = 0, .window_bytes = 100}).size == 10);
    CHECK(cut_records({.records = 0, .bytes = 0, .window_bytes = 100}).count() == 0);
    const std::uint64_t large = std::uint64_t{1} << 40;
    CHECK(cut_records({.records = large, .bytes = large * 100, .window_bytes = large}).size == large / 100);
}

TEST_CASE("windows: the ranges follow each other and the last one is what is left") {
    const Windows windows = cut_bytes(10, 4);
    CHECK(windows.count() == 3);
    CHECK(windows.range(0) == Range{0, 4});
    CHECK(windows.range(2) == Range{8, 10});
    CHECK(cut_bytes(0, 4).count() == 0);
    CHECK(cut_bytes(7, 0).count() == 7);
}

TEST_CASE("blocks: the windows of an epoch have each byte once, in another order in each") {
    const BlockOrder order(5, {.bytes = 100003, .window_bytes = 1000, .blocks_per_window = 10});
    REQUIRE(order.windows() == 101);
    std::vector<int> seen(100003);
    for (std::uint64_t window = 0; window < order.windows(); ++window)
        for (const Range& range : order.ranges(2, window))
            for (std::uint64_t byte = range.begin; byte < range.end; ++byte) ++seen[byte];
    CHECK(std::ranges::all_of(seen, [](int times) { return times == 1; }));
    CHECK(order.ranges(2, 0) != order.ranges(3, 0));
    const Permutation first = order.within(2, 0, 50), second = order.within(2, 1, 50);
    std::uint64_t same = 0;
    for (std::uint64_t i = 0; i < 50; ++i) same += first.at(i) == second.at(i);
    CHECK(same < 10);
}

TEST_CASE("blocks: more blocks to a window mix better, and none as well as a shuffle") {
    const auto score = [](std::uint32_t blocks, std::uint32_t lanes) {
        const BlockOrder order(1, {.bytes = 1 << 30, .window_bytes = 1 << 20, .blocks_per_window = blocks});
        const BlockSample sample{.records = 1 << 23, .lanes = lanes, .batch = 256, .batches = 1000};
        return score_blocks(order, sample).value();
    };
    const OrderScore coarse = score(1, 1), fine = score(16, 1), mixed = score(16, 64);
    CHECK(coarse.shards < 0.01);
    CHECK(coarse.spread > 10);
    CHECK(fine.shards > 5 * coarse.shards);
    CHECK(fine.spread < coarse.spread / 3);
    CHECK(mixed.shards > 0.8);
    CHECK(mixed.spread < 1.3);
    CHECK_FALSE(score_blocks(BlockOrder(1, {.bytes = 100}), {.records = 10}));
}
