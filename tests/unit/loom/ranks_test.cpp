// Shares of ranks: together the batch, for any world, changed at any step.
#include <embedloom/loom/ranks.h>

#include <algorithm>

#include "sample.h"
#include "support/catch.hpp"

using namespace loom_test;

TEST_CASE("ranks: the shares of any world are the batch, apart in size by one at most") {
    for (std::uint64_t rows = 0; rows < 40; ++rows)
        for (std::uint32_t world = 1; world < 50; ++world) {
            std::uint64_t next = 0;
            for (std::uint32_t rank = 0; rank < world; ++rank) {
                const RowRange range = share(rows, rank, world);
                REQUIRE(range.begin == next);
                REQUIRE(range.size() - rows / world <= 1);
                next = range.end;
            }
            REQUIRE(next == rows);
        }
    CHECK(share(10, 1, 4) == RowRange{2, 5});
    CHECK(share(0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF) == RowRange{0xFFFFFFFE, 0xFFFFFFFF});
}

TEST_CASE("ranks: the windows of a share are named once each, by first use") {
    const std::vector<Place> places{{0, 4, 0}, {0, 4, 1}, {0, 1, 7}, {0, 4, 2}, {1, 4, 0}, {0, 1, 8}};
    CHECK(windows_of(places) == std::vector<Need>{{0, 4}, {0, 1}, {1, 4}});
    CHECK(windows_of({}).empty());
}

TEST_CASE("ranks: lanes that ranks share cost windows, and the nearest number that does not is named") {
    const auto cost = [](std::uint32_t lanes, std::uint32_t world) {
        return shared_lanes({.windows = 100, .lanes = lanes, .batch = 24, .world = world});
    };
    CHECK(cost(4, 2).extra == 0);
    CHECK(cost(4, 2).better == 0);
    CHECK(cost(4, 3).extra == 0.5);  // borders at 8 and 16, lanes of 6 rows
    CHECK(cost(4, 3).better == 3);
    CHECK(cost(1, 24).extra == 23);
    CHECK(cost(1, 24).better == 24);
    CHECK(shared_lanes({.windows = 2, .lanes = 1, .batch = 24, .world = 24}).better == 0);
}

namespace {

/// A stream of one row a record: which record stands at (window, row) of a file order with windows of
/// `per_window`.
struct Records {
    std::uint64_t count, per_window;
    std::uint64_t at(const Place& place) const { return place.window * per_window + place.row; }
};

/// Runs with the world changed at each step, every rank dealing for itself; counts how often each record
/// comes.
std::vector<std::uint32_t> deal_to_ranks(Shape shape, const Records& records, std::mt19937_64& random) {
    const EvenRows rows(records.count, records.per_window);
    std::vector<std::uint32_t> seen(records.count);
    State state = start(shape);
    for (;;) {
        shape.world = 1 + static_cast<std::uint32_t>(random() % shape.batch);
        const StepResult result = next_step(shape, state, rows);
        const Step* step = std::get_if<Step>(&result);
        if (!step) return seen;
        for (shape.rank = 0; shape.rank < shape.world; ++shape.rank) {
            const RowRange range = share(step->places.size(), shape.rank, shape.world);
            for (std::uint64_t row = range.begin; row < range.end; ++row)
                if (row < step->places.size() - step->repeats) ++seen[records.at(step->places[row])];
        }
        shape.rank = 0;
        state = step->after;
    }
}

}  // namespace

TEST_CASE("ranks: worlds that change at each step give each record once an epoch, seed 5") {
    std::mt19937_64 random(5);
    for (const std::uint64_t count : {1, 2, 3, 64, 65, 999, 4096, 20011, 100000})
        for (const std::uint32_t lanes : {1, 2, 6, 16, 64}) {
            const Records records{count, 1 + random() % 40};
            const std::uint64_t windows = (count + records.per_window - 1) / records.per_window;
            if (lanes > windows) continue;
            const Shape shape{.windows = windows,
                              .lanes = lanes,
                              .batch = lanes * static_cast<std::uint32_t>(1 + random() % 8),
                              .epochs = 2,
                              .tail = random() % 2 ? Tail::short_batch : Tail::wrap};
            INFO(count << " records, " << lanes << " lanes, windows of " << records.per_window);
            const std::vector<std::uint32_t> seen = deal_to_ranks(shape, records, random);
            REQUIRE(std::ranges::all_of(seen, [](std::uint32_t times) { return times == 2; }));
        }
}
