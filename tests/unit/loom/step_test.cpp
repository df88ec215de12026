// The stream's law: small cases that an eye can check, and random ones against the slow twin.
#include "sample.h"
#include "support/catch.hpp"

using namespace loom_test;
using embedloom::reference::ModelError;
using embedloom::reference::StreamModel;

namespace {

/// "window.row" of each place; rows of a later epoch have its number before: "1:window.row".
std::string rows_of(const Step& step) {
    std::string out;
    for (const Place& place : step.places) {
        if (!out.empty()) out += ' ';
        if (place.epoch) out += std::to_string(place.epoch) + ":";
        out += std::to_string(place.window) + "." + std::to_string(place.row);
    }
    return out;
}

std::vector<std::string> batches(const Shape& shape, const Table& table, std::size_t most = 100) {
    std::vector<std::string> out;
    for (const Step& step : run(shape, start(shape), table, most).steps) out.push_back(rows_of(step));
    return out;
}

using Batches = std::vector<std::string>;

}  // namespace

TEST_CASE("step: a batch takes its share of each lane, lane by lane") {
    const Table table({{3, 3, 1, 1}});
    CHECK(batches({.windows = 4, .lanes = 2, .batch = 4}, table) ==
          Batches{"0.0 0.1 1.0 1.1", "0.2 2.0 1.2 3.0"});
}

TEST_CASE("step: what a dry lane leaves open is dealt by the others and stands at the end") {
    const Table table({{1, 4, 3}});
    CHECK(batches({.windows = 3, .lanes = 3, .batch = 6}, table) ==
          Batches{"0.0 1.0 1.1 2.0 2.1 1.2", "1.3 2.2"});
}

TEST_CASE("step: a batch that an epoch cannot fill goes on with the next one's lanes in turn") {
    const Table table({{2, 1}, {2, 2}});
    CHECK(batches({.windows = 2, .lanes = 2, .batch = 4, .epochs = 2}, table) ==
          Batches{"0.0 0.1 1.0 1:0.0", "1:0.1 1:1.0 1:1.1"});
}

TEST_CASE("step: tails give, drop or fill up what is left") {
    const Table table({{5}, {2}, {9}});
    const Shape shape{.windows = 1, .batch = 4};
    Shape drop = shape, wrap = shape;
    drop.tail = Tail::drop;
    wrap.tail = Tail::wrap;
    CHECK(batches(shape, table) == Batches{"0.0 0.1 0.2 0.3", "0.4"});
    CHECK(batches(drop, table) == Batches{"0.0 0.1 0.2 0.3"});
    CHECK(run(drop, start(drop), table).end.rows_cut == 1);
    CHECK(batches(wrap, table) == Batches{"0.0 0.1 0.2 0.3", "0.4 1:0.0 1:0.1 2:0.0"});
    CHECK(run(wrap, start(wrap), table).steps.back().repeats == 3);
    CHECK(run(wrap, start(wrap), table).steps.back().after.ended);
}

TEST_CASE("step: steps end the iteration, counted from step 0 and not from a resume") {
    const Table table({{5, 5}});
    Shape shape{.windows = 2, .batch = 2, .epochs = std::nullopt, .steps = 3};
    const Run whole = run(shape, start(shape), table);
    CHECK(whole.steps.size() == 3);
    CHECK(run(shape, whole.steps[0].after, table).steps.size() == 2);
    shape.steps = 5;
    CHECK(run(shape, whole.steps[2].after, table).steps.size() == 2);
}

TEST_CASE("step: the first window whose count is missing is named") {
    const Shape shape{.windows = 4, .lanes = 2, .batch = 2};
    RowTable known;
    CHECK(std::get<Need>(next_step(shape, start(shape), known)) == Need{0, 0});
    known.set(0, 0, 0);
    CHECK(std::get<Need>(next_step(shape, start(shape), known)) == Need{0, 2});
    known.set(0, 2, 1);
    CHECK(std::get<Need>(next_step(shape, start(shape), known)) == Need{0, 1});
    known.set(0, 1, 1);
    CHECK(rows_of(std::get<Step>(next_step(shape, start(shape), known))) == "2.0 1.0");
}

TEST_CASE("step: errors by law say the numbers") {
    Shape shape{.windows = 1, .batch = 4, .tail = Tail::drop};
    CHECK(failure([&] { run(shape, start(shape), Table::of({3})); }) ==
          "batch.size: found not one full batch: 3 rows for batches of 4, expected at most 3 with tail: "
          "drop; lower batch.size, or use tail: short or wrap");
    CHECK(failure([&] { run(shape, start(shape), Table::of({0})); }) ==
          "source: found epoch 0 without a row, expected at least one row in an epoch; every record was "
          "empty, filtered or bad, or there are blank lines alone");
    const State behind{.cursors = {{.window = 0, .row = 4}}};
    CHECK(failure([&] { run(shape, behind, Table::of({3})); }) ==
          "state: found row 4 of window 0, expected at most the 3 rows that the window makes; the state "
          "belongs to other data or another config");
}

TEST_CASE("step: what is neither shape nor state is refused") {
    const Shape shape{.windows = 6, .lanes = 2, .batch = 4};
    const auto refused = [&](auto change) {
        Shape wrong = shape;
        change(wrong);
        return failure([&] { start(wrong); });
    };
    CHECK(refused([](Shape& s) { s.lanes = 3; }) ==
          "run.lanes: found 3, expected a divisor of batch.size 4, at most the 6 windows of an epoch; "
          "nearest: 2 or 4");
    CHECK(refused([](Shape& s) { s.batch = 0; }) == "batch.size: found 0, expected at least 1");
    CHECK(refused([](Shape& s) { s.world = 5; }) ==
          "world_size: found 5, expected 1 to batch.size, which is 4");
    CHECK(refused([](Shape& s) { s.rank = 1; }) == "rank: found 1, expected 0 to 0, as world_size is 1");
    CHECK(refused([](Shape& s) { s.epochs = 0; }) == "run.epochs: found 0, expected at least 1");
    CHECK(refused([](Shape& s) { s.steps = 0; }) == "run.steps: found 0, expected at least 1");
    CHECK(refused([](Shape& s) { s.windows = 0; }) == "source: found no record, expected at least one");
    const auto unfit = [&](std::vector<Cursor> cursors) {
        return failure([&] { check_state(shape, {.cursors = std::move(cursors)}); });
    };
    CHECK(unfit({{0, 0}}) == "state: found a state of 1 lanes, expected 2 lanes");
    CHECK(unfit({{0, 0}, {2, 0}}) ==
          "state: found lane 1 at row 0 of window 2, expected a window of the lane: 1, 3, ... below 6");
    CHECK(unfit({{6, 0}, {1, 0}}).starts_with("state: found lane 0 at row 0 of window 6"));
    CHECK(unfit({{4, 9}, {5, 0}}).empty());
}

TEST_CASE("step: a window is spent when no later step takes a row of it") {
    const State state{.epoch = 2, .cursors = {{.window = 4, .row = 3}, {.window = 3, .row = 1}}};
    CHECK(is_spent(state, 1, 9, 5));
    CHECK(is_spent(state, 2, 2, 5));
    CHECK(is_spent(state, 2, 4, 3));
    CHECK_FALSE(is_spent(state, 2, 4, 4));
    CHECK_FALSE(is_spent(state, 2, 3, 4));
    CHECK_FALSE(is_spent(state, 2, 5, 4));
    CHECK(is_spent(state, 2, 5, 0));
    CHECK_FALSE(is_spent(state, 3, 0, 1));
    CHECK(is_spent({.epoch = 2, .cursors = state.cursors, .ended = true}, 3, 0, 1));
}

namespace {

void check_equal(const Step& step, const reference::ModelBatch& batch) {
    REQUIRE(step.places.size() == batch.places.size());
    for (std::size_t i = 0; i < step.places.size(); ++i) {
        const Place& place = step.places[i];
        REQUIRE(reference::ModelPlace{place.epoch, place.window, place.row} == batch.places[i]);
    }
    reference::ModelState after{step.after.step, step.after.epoch, {}, step.after.ended};
    for (const Cursor& cursor : step.after.cursors) after.cursors.push_back({cursor.window, cursor.row});
    REQUIRE(after == batch.after);
    REQUIRE(step.repeats == batch.repeats);
}

/// Step by step beside the twin, until both end or fail; 12 steps of an endless stream.
void check_against_twin(const Sample& sample) {
    const StreamModel model = sample.twin();
    Dealer dealer(sample.shape, start(sample.shape));
    reference::ModelState state = model.start();
    for (int i = 0; i < 12 || sample.shape.epochs; ++i) {
        std::optional<reference::ModelBatch> batch;
        try {
            batch = model.step(state);
        } catch (const ModelError&) {
            REQUIRE_THROWS_AS(dealer.advance(sample.table), base::Failure);
            return;
        }
        const StepResult next = dealer.advance(sample.table);
        REQUIRE(std::holds_alternative<End>(next) == !batch.has_value());
        if (!batch) return;
        check_equal(std::get<Step>(next), *batch);
        state = batch->after;
    }
}

}  // namespace

TEST_CASE("step: random streams equal the slow twin, seeds 0 to 1499") {
    for (std::uint64_t seed = 0; seed < 1500; ++seed) {
        INFO("seed " << seed);
        check_against_twin(Sample(seed));
    }
}

TEST_CASE("step: going on from any state gives the same batches, seeds 0 to 199") {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        INFO("seed " << seed);
        const Sample sample(seed);
        const std::optional<Run> whole = run_sample(sample);
        for (std::size_t at = 0; whole && at + 1 < whole->steps.size(); ++at) {
            const StepResult next = next_step(sample.shape, whole->steps[at].after, sample.table);
            REQUIRE(std::get<Step>(next).places == whole->steps[at + 1].places);
            REQUIRE(std::get<Step>(next).after == whole->steps[at + 1].after);
        }
    }
}

namespace {

/// Up to 100,000 records in windows of up to 40, packed into fewer rows than records, a different number in
/// each.
Sample packed_sample(std::uint64_t records, std::uint32_t lanes) {
    Sample sample(records + lanes);
    std::mt19937_64 random(records * 64 + lanes);
    const std::uint64_t per_window = 1 + random() % 40;
    sample.shape.windows = (records + per_window - 1) / per_window;
    sample.shape.lanes = static_cast<std::uint32_t>(std::min<std::uint64_t>(lanes, sample.shape.windows));
    sample.shape.batch = sample.shape.lanes * static_cast<std::uint32_t>(1 + random() % 8);
    sample.shape.epochs = 2;
    sample.table.counts.assign(3, {});
    for (std::vector<std::uint64_t>& counts : sample.table.counts)
        for (std::uint64_t window = 0; window < sample.shape.windows; ++window)
            counts.push_back(random() % 5 ? (1 + random() % per_window) / 2 : 0);
    return sample;
}

}  // namespace

TEST_CASE("step: packed streams of 1 to 100,000 records and 1 to 64 lanes equal the slow twin") {
    for (const std::uint64_t records : {1, 2, 63, 1000, 20011, 100000})
        for (const std::uint32_t lanes : {1, 3, 16, 64}) {
            INFO(records << " records, " << lanes << " lanes");
            check_against_twin(packed_sample(records, lanes));
        }
}
