// Ranges of windows: every cut of an epoch gives its rows once, in the order of windows, whatever the lanes.
#include <embedloom/loom/planner.h>
#include <embedloom/loom/window_range.h>

#include "sample.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

std::vector<Place> rows_made(const Shape& whole, const WindowRange& range, const RowCounts& counts) {
    const Part part = part_of(whole, range);
    std::vector<Place> rows;
    for (const Step& step : run(part.shape, part.start, counts).steps)
        rows.insert(rows.end(), step.places.begin(), step.places.end());
    return rows;
}

/// An epoch's rows, window by window.
std::vector<Place> rows_of_epoch(const Sample& sample, std::uint64_t epoch) {
    std::vector<Place> rows;
    for (std::uint64_t window = 0; window < sample.shape.windows; ++window)
        for (std::uint64_t row = 0; row < sample.table.at(epoch, window); ++row)
            rows.push_back({.epoch = epoch, .window = window, .row = row});
    return rows;
}

}  // namespace

TEST_CASE("range: ranges that cut an epoch have its rows, each once, in the order of windows, seeds 0 to 299") {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        std::mt19937_64 random(seed);
        for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
            std::vector<Place> rows;
            for (std::uint64_t begin = 0; begin < sample.shape.windows;) {
                const std::uint64_t end = begin + 1 + random() % (sample.shape.windows - begin);
                const WindowRange range{.epoch = epoch, .windows = {begin, end}};
                const std::vector<Place> part = rows_made(sample.shape, range, sample.table);
                REQUIRE(loom::rows_of(range, sample.table) == part.size());
                rows.insert(rows.end(), part.begin(), part.end());
                begin = end;
            }
            REQUIRE(rows == rows_of_epoch(sample, epoch));
        }
    }
}

TEST_CASE("range: batches have the stream's size, and the last one what is left") {
    const Table table = Table::of({3, 3, 3, 3, 3, 3});
    const Shape whole{.windows = 6, .lanes = 2, .batch = 4, .epochs = 5, .tail = Tail::drop, .steps = 1, .rank = 1, .world = 2};
    const Part part = part_of(whole, {.epoch = 7, .windows = {1, 4}});
    std::vector<std::size_t> sizes;
    for (const Step& step : run(part.shape, part.start, table).steps) sizes.push_back(step.places.size());
    CHECK(sizes == std::vector<std::size_t>{4, 4, 1});
}

TEST_CASE("range: one without a row gives no batch and no error, again and again") {
    const Table table = Table::of({2, 0, 0, 2});
    const Shape whole{.windows = 4, .lanes = 2, .batch = 4};
    const Part part = part_of(whole, {.epoch = 0, .windows = {1, 3}});
    Dealer dealer(part.shape, part.start);
    for (int again = 0; again < 3; ++again) CHECK(std::get<End>(dealer.advance(table)) == End{});
    CHECK(loom::rows_of({.epoch = 0, .windows = {1, 3}}, table) == 0u);
}

TEST_CASE("range: windows of the range alone are planned") {
    const Shape whole{.windows = 100, .lanes = 4, .batch = 8, .epochs = std::nullopt};
    const Part part = part_of(whole, {.epoch = 3, .windows = {40, 44}});
    WindowPlanner planner(part.shape, part.start);
    for (std::uint64_t window = 40; window < 44; ++window) CHECK(planner.next() == Grant{.epoch = 3, .window = window});
    CHECK_FALSE(planner.next());
    for (std::uint64_t window = 40; window < 44; ++window) planner.made(3, window, 0);
    CHECK_FALSE(planner.next());
}

TEST_CASE("range: an empty one and one beyond the epoch are refused with the numbers") {
    const Shape whole{.windows = 4, .lanes = 2, .batch = 4};
    const auto refusal = [&](std::uint64_t epoch, Range windows) {
        return failure([&] { part_of(whole, {.epoch = epoch, .windows = windows}); });
    };
    CHECK(refusal(0, {2, 2}) == "windows: found windows 2 up to 2, expected one window at least, of the 4 of an epoch");
    CHECK(refusal(0, {3, 5}) == "windows: found windows 3 up to 5, expected one window at least, of the 4 of an epoch");
    CHECK(refusal(0, {3, 1}) != "");
    CHECK(refusal(~std::uint64_t{0}, {0, 1}) == "windows: found epoch 18446744073709551615, expected below 2^62");
    CHECK(refusal(1000000, {3, 4}).empty());
}

TEST_CASE("range: rows are known only where all counts are") {
    RowTable table;
    table.set(1, 0, 5);
    table.set(1, 2, 7);
    CHECK(loom::rows_of({.epoch = 1, .windows = {0, 1}}, table) == 5u);
    CHECK_FALSE(loom::rows_of({.epoch = 1, .windows = {0, 3}}, table));
    CHECK_FALSE(loom::rows_of({.epoch = 0, .windows = {0, 1}}, table));
}
