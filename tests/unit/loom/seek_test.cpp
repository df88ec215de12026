// Length and seeking by numbers alone, against dealing the steps one by one.
#include <embedloom/loom/seek.h>

#include "sample.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

std::optional<std::uint64_t> length(const Shape& shape, const RowCounts& counts) {
    const auto all = extent(shape, counts);
    return all ? std::optional(all->steps) : std::nullopt;
}

}  // namespace

TEST_CASE("seek: the state at every step equals dealing up to it, seeds 0 to 599") {
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        const std::optional<Run> whole = run_sample(sample);
        if (!whole) continue;
        REQUIRE(state_at(sample.shape, sample.table, 0) == start(sample.shape));
        for (std::size_t i = 0; i < whole->steps.size(); ++i)
            REQUIRE(state_at(sample.shape, sample.table, i + 1) == whole->steps[i].after);
    }
}

TEST_CASE("seek: the length is the number of steps, and no step is behind it, seeds 0 to 599") {
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        std::size_t steps = 0, last_rows = 0;
        const State first = start(sample.shape);
        const auto deal_all = [&] {
            const Run dealt = run(sample.shape, first, sample.table, 500);
            steps = dealt.steps.size();
            last_rows = dealt.steps.back().places.size();
        };
        const bool fails = !failure(deal_all).empty();
        if (!sample.shape.epochs) {
            CHECK_FALSE(length(sample.shape, sample.table));
        } else if (fails) {
            CHECK_THROWS_AS(length(sample.shape, sample.table), base::Failure);
        } else {
            CHECK(length(sample.shape, sample.table) == steps);
            CHECK(extent(sample.shape, sample.table)->last_rows == last_rows);
            CHECK_THROWS_AS(state_at(sample.shape, sample.table, steps + 1), base::Failure);
        }
    }
}

TEST_CASE("seek: steps bound the length") {
    const Table table = Table::of({5, 5});
    Shape shape{.windows = 2, .batch = 4, .steps = 2};
    CHECK(length(shape, table) == 2u);
    shape.steps = 9;
    CHECK(length(shape, table) == 3u);
    shape.epochs = std::nullopt;
    CHECK(length(shape, table) == 9u);
    CHECK(failure([&] { state_at(shape, table, 10); }) ==
          "state: found step 10, expected at most 9, the steps of the iteration");
}

TEST_CASE("seek: a count that is missing is a bug that is named") {
    CHECK(failure([] { length({.windows = 2, .batch = 4}, RowTable{}); }) ==
          "plan: found no row count of window 0 in epoch 0, expected all counts known before");
}

TEST_CASE("seek: step ten million of a large stream is there at once") {
    const Shape shape{.windows = 61036, .lanes = 64, .batch = 256, .epochs = 4};
    const EvenRows rows(1000000000, 16384);
    CHECK(length(shape, rows) == 15625000u);
    const State state = state_at(shape, rows, 10000000);
    const Step next = std::get<Step>(next_step(shape, state, rows));
    CHECK(next.after == state_at(shape, rows, 10000001));
    CHECK(next.places.front() == Place{state.epoch, state.cursors[0].window, state.cursors[0].row});
}
