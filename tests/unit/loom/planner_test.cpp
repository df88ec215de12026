// Which windows are granted, and when: the driest lane first, nothing twice, nothing behind the end.
#include <embedloom/loom/planner.h>
#include <embedloom/loom/share_planner.h>

#include <algorithm>
#include <set>

#include "sample.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

using WindowSet = std::set<std::pair<std::uint64_t, std::uint64_t>>;  // (epoch, window)

std::vector<Grant> take(WindowPlanner& planner, std::size_t most) {
    std::vector<Grant> grants;
    for (std::optional<Grant> grant; grants.size() < most && (grant = planner.next());)
        grants.push_back(*grant);
    return grants;
}

}  // namespace

TEST_CASE("planner: lanes take turns as long as nothing is known, then the next epoch's") {
    const Shape shape{.windows = 5, .lanes = 2, .batch = 4, .epochs = 2};
    WindowPlanner planner(shape, start(shape));
    CHECK(take(planner, 8) ==
          std::vector<Grant>{{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 0}, {1, 1}, {1, 2}});
    CHECK(take(planner, 99).size() == 2);
    CHECK_FALSE(planner.next());
    CHECK(planner.is_granted(1, 4));
    CHECK_FALSE(planner.is_granted(2, 0));
}

TEST_CASE("planner: the lane with the fewest rows ahead comes first") {
    const Shape shape{.windows = 40, .lanes = 2, .batch = 4};
    WindowPlanner planner(shape, start(shape));
    take(planner, 2);
    planner.made(0, 0, 9);
    planner.made(0, 1, 0);
    // lane 1 has nothing, lane 0 has 9: windows of 4.5 rows, on average, are given to lane 1 until it has as
    // many
    CHECK(take(planner, 4) == std::vector<Grant>{{0, 3}, {0, 5}, {0, 2}, {0, 7}});
    planner.dealt({.step = 1, .cursors = {{0, 8}, {7, 0}}});
    CHECK(take(planner, 2) == std::vector<Grant>{{0, 9}, {0, 4}});
}

TEST_CASE("planner: a resumed stream begins with the windows its cursors stand in") {
    const Shape shape{.windows = 9, .lanes = 3, .batch = 3};
    WindowPlanner planner(shape, {.step = 4, .cursors = {{3, 1}, {1, 5}, {5, 0}}});
    CHECK(take(planner, 9) == std::vector<Grant>{{0, 3}, {0, 1}, {0, 5}, {0, 6}, {0, 4}, {0, 8}, {0, 7}});
}

TEST_CASE("planner: no more is granted than the steps can use") {
    const Shape shape{.windows = 1000, .lanes = 4, .batch = 8, .epochs = std::nullopt, .steps = 3};
    WindowPlanner planner(shape, start(shape), 6);
    CHECK(take(planner, 99).size() == 4);  // 24 rows, 6 a window
    planner.made(0, 0, 2);                 // the mean falls to 2: each lane wants two windows more
    CHECK(take(planner, 99).size() == 8);
}

TEST_CASE("planner: wrap grants repeats only once it is known how many, and no more") {
    const Shape shape{.windows = 3, .lanes = 3, .batch = 6, .tail = Tail::wrap};
    WindowPlanner planner(shape, start(shape));
    CHECK(take(planner, 99).size() == 3);
    planner.made(0, 0, 3);
    planner.made(0, 1, 3);
    CHECK_FALSE(planner.next());
    planner.made(0, 2, 4);  // 10 rows: 2 repeats, from the lanes 0 and 1
    CHECK(take(planner, 99) == std::vector<Grant>{{1, 0}, {1, 1}});
}

TEST_CASE("planner: a window that a step needs is granted once") {
    const Shape shape{.windows = 6, .lanes = 2, .batch = 2, .steps = 1};
    WindowPlanner planner(shape, start(shape), 100);
    CHECK(take(planner, 99) == std::vector<Grant>{{0, 0}, {0, 1}});
    CHECK_FALSE(planner.grant({0, 1}));
    CHECK(planner.grant({0, 3}) == Grant{0, 3});
    CHECK_THROWS_AS(planner.grant({0, 4}), base::Failure);
}

namespace {

/// Runs a stream that learns counts only from windows that the planner granted; `ahead` windows may be open
/// at a time. Returns the steps; the grants go to `granted`.
std::vector<Step> run_planned(const Sample& sample, std::size_t ahead, WindowSet& granted) {
    RowTable known;
    WindowPlanner planner(sample.shape, start(sample.shape), 3);
    Dealer dealer(sample.shape, start(sample.shape));
    std::vector<Step> steps;
    const auto make = [&](const std::optional<Grant>& grant) {
        if (!grant) return false;
        REQUIRE(granted.emplace(grant->epoch, grant->window).second);
        const std::uint64_t rows = sample.table.at(grant->epoch, grant->window);
        known.set(grant->epoch, grant->window, rows);
        planner.made(grant->epoch, grant->window, rows);
        return true;
    };
    while (steps.size() < 12) {
        for (std::size_t i = 0; i < ahead && make(planner.next()); ++i) {}
        StepResult result = dealer.advance(known);
        while (const Need* need = std::get_if<Need>(&result)) {
            REQUIRE(make(planner.grant(*need)));
            result = dealer.advance(known);
        }
        if (std::holds_alternative<End>(result)) break;
        steps.push_back(std::get<Step>(std::move(result)));
        planner.dealt(steps.back().after);
    }
    return steps;
}

/// The windows with rows of which no step takes one, as Tail::drop leaves them out.
WindowSet left_out(const Sample& sample, const Run& whole) {
    WindowSet used, out;
    for (const Step& step : whole.steps)
        for (const Place& place : step.places) used.emplace(place.epoch, place.window);
    for (std::uint64_t epoch = 0; epoch < *sample.shape.epochs; ++epoch)
        for (std::uint64_t window = 0; window < sample.shape.windows; ++window)
            if (*sample.table.rows(epoch, window) > 0 && !used.contains({epoch, window})) out.emplace(epoch, window);
    return out;
}

}  // namespace

TEST_CASE("planner: a stream fed by it equals one where all is known, no window made twice, seeds 0 to 399") {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        const std::optional<Run> whole = run_sample(sample);
        if (!whole) continue;
        WindowSet granted;
        const std::vector<Step> steps = run_planned(sample, 1 + seed % 9, granted);
        REQUIRE(steps.size() == whole->steps.size());
        for (std::size_t i = 0; i < steps.size(); ++i) REQUIRE(steps[i].places == whole->steps[i].places);
        const bool wraps = sample.shape.tail == Tail::wrap;
        const auto is_behind = [&](const auto& window) {
            return sample.shape.epochs && window.first >= *sample.shape.epochs;
        };
        REQUIRE((wraps || std::ranges::none_of(granted, is_behind)));
    }
}

TEST_CASE("planner: ranks that know all counts get the windows of their rows, the first the rest, seeds 0 to 99") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        const std::optional<Run> whole = run_sample(sample);
        if (!whole || !sample.shape.epochs || whole->steps.size() == 12) continue;
        Shape shape = sample.shape;
        shape.world = std::min(3u, shape.batch);
        for (shape.rank = 0; shape.rank < shape.world; ++shape.rank) {
            WindowSet granted, used = shape.rank == 0 && shape.tail == Tail::drop ? left_out(sample, *whole) : WindowSet{};
            for (const Step& step : whole->steps) {
                const RowRange rows = share(step.places.size(), shape.rank, shape.world);
                for (std::uint64_t i = rows.begin; i < rows.end; ++i)
                    used.emplace(step.places[i].epoch, step.places[i].window);
            }
            SharePlanner planner(shape, start(shape), sample.table);
            while (const auto grant = planner.next())
                REQUIRE(granted.emplace(grant->epoch, grant->window).second);
            REQUIRE(granted == used);
        }
    }
}
