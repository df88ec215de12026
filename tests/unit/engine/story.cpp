// Random streams, and dealing them out step by step without slots, threads or orders.
#include "story.h"

#include <embedloom/base/error.h>
#include <embedloom/loom/ranks.h>

#include <algorithm>
#include <array>
#include <random>

namespace engine_test {

namespace {

std::uint32_t pick(std::mt19937_64& random, std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(random() % (high - low + 1));
}

/// A divisor of `batch` that is at most `most`.
std::uint32_t pick_divisor(std::mt19937_64& random, std::uint32_t batch, std::uint64_t most) {
    std::vector<std::uint32_t> divisors;
    for (std::uint32_t d = 1; d <= batch && d <= most; ++d)
        if (batch % d == 0) divisors.push_back(d);
    return divisors[random() % divisors.size()];
}

/// The first mistake among this rank's rows, or nothing.
std::optional<base::Error> first_mistake(const Story& story, const loom::Step& step, const loom::RowRange& own) {
    if (story.counts_known)
        for (std::uint64_t row = own.begin; row < own.end; ++row) {
            const WindowId id{step.places[row].epoch, step.places[row].window};
            if (story.failing_windows.contains(id)) return window_error(id);
        }
    const std::uint64_t number = step.after.step - 1;
    if (story.failing_opens.contains(number)) return open_error(number);
    const auto bad = story.failing_rows.lower_bound({number, 0});
    if (bad != story.failing_rows.end() && bad->first == number && bad->second < own.size())
        return row_error(number, bad->second);
    return std::nullopt;
}

/// The first window that fails of those that the first rank makes for the count alone, or nothing.
std::optional<base::Error> mistake_left_out(const Story& story, const loom::Dealer& dealer) {
    if (story.shape.rank != 0 || story.shape.world == 1) return std::nullopt;
    for (const loom::Place& place : dealer.left_out()) {
        const WindowId id{place.epoch, place.window};
        if (place.row == 0 && story.failing_windows.contains(id)) return window_error(id);
    }
    return std::nullopt;
}

Seen seen(const loom::Step& step, const loom::RowRange& own) {
    Seen batch{.step = step.after.step - 1, .after = step.after};
    const std::uint64_t first_repeat = step.places.size() - step.repeats;
    for (std::uint64_t row = own.begin; row < own.end; ++row) {
        batch.values.push_back(row_value(step.places[row]));
        batch.repeats += row >= first_repeat;
    }
    return batch;
}

}  // namespace

std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    std::uint64_t x = a * 0x9E3779B97F4A7C15u ^ (b + 1) * 0xC2B2AE3D27D4EB4Fu ^ (c + 1) * 0x165667B19E3779F9u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

std::uint32_t Story::rows(WindowId id) const {
    const std::uint64_t draw = mixed(seed, id.epoch, id.window);
    if (draw % 100 < empty_percent) return 0;
    return 1 + static_cast<std::uint32_t>((draw >> 32) % most_rows);
}

std::optional<std::uint64_t> StoryCounts::rows(std::uint64_t epoch, std::uint64_t window) const {
    const WindowId id{epoch, window};
    if (!with_failing_ && story_.failing_windows.contains(id)) return std::nullopt;
    return story_.rows(id);
}

std::uint64_t row_value(const loom::Place& place) {
    return (place.epoch * 1000 + place.window) * 1000 + place.row;
}

base::Error window_error(WindowId id) {
    return {.code = base::Code::io, .found = "window " + std::to_string(id.window) + " of epoch " + std::to_string(id.epoch)};
}
base::Error open_error(std::uint64_t step) { return {.code = base::Code::resources, .found = "open " + std::to_string(step)}; }
base::Error row_error(std::uint64_t step, std::uint32_t row) {
    return {.code = base::Code::bad_data, .found = "row " + std::to_string(row) + " of step " + std::to_string(step)};
}
std::string end_text(std::uint64_t rows_cut) { return "end, " + std::to_string(rows_cut) + " cut"; }

Story random_story(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Story story{.seed = seed};
    loom::Shape& shape = story.shape;
    shape.windows = pick(random, 1, 30);
    shape.batch = pick(random, 1, 24);
    shape.lanes = pick_divisor(random, shape.batch, shape.windows);
    shape.epochs = pick(random, 1, 3);
    shape.tail = std::array{loom::Tail::short_batch, loom::Tail::drop, loom::Tail::wrap}[random() % 3];
    if (random() % 4 == 0) shape.steps = pick(random, 1, 12);
    if (random() % 6 == 0) shape.epochs.reset();
    story.most_rows = pick(random, 1, 9);
    story.empty_percent = std::array{0u, 0u, 20u, 60u, 97u}[random() % 5];
    if (random() % 3 == 0) story.counts_known = true;
    if (story.counts_known && random() % 2 == 0) {
        shape.world = pick(random, 1, std::min(shape.batch, 4u));
        shape.rank = pick(random, 0, shape.world - 1);
    }
    story.start = loom::start(shape);
    return story;
}

Story with_mistakes(Story story) {
    std::mt19937_64 random(story.seed + 1);
    for (std::uint32_t i = pick(random, 0, 3); i-- > 0;)
        story.failing_windows.insert({random() % story.shape.epochs.value_or(2), random() % story.shape.windows});
    for (std::uint32_t i = pick(random, 0, 1); i-- > 0;) story.failing_opens.insert(random() % 8);
    for (std::uint32_t i = pick(random, 0, 3); i-- > 0;)
        story.failing_rows.insert({random() % 8, static_cast<std::uint32_t>(random() % story.shape.batch)});
    if (random() % 3 == 0)  // several strips of one batch
        for (std::uint32_t i = 0; i < 4; ++i)
            story.failing_rows.insert({1, static_cast<std::uint32_t>(random() % story.shape.batch)});
    return story;
}

Story with_bad_tail(Story story) {
    std::mt19937_64 random(story.seed + 2);
    loom::Shape& shape = story.shape;
    story.counts_known = true;
    shape.tail = loom::Tail::drop;
    shape.epochs = pick(random, 1, 2);
    shape.steps.reset();
    shape.batch = shape.lanes * pick(random, 2, 12);
    shape.world = pick(random, 1, std::min(shape.batch, 3u));
    shape.rank = random() % 3 == 0 ? shape.world - 1 : 0;
    story.most_rows = 2;  // so that windows of the tail alone are many
    story.start = loom::start(shape);
    const StoryCounts counts(story, true);
    loom::Dealer dealer(shape, story.start);
    try {
        while (std::holds_alternative<loom::Step>(dealer.advance(counts))) {
        }
    } catch (const base::Failure&) {
        return story;  // not one full batch, or an epoch without a row
    }
    for (const loom::Place& place : dealer.left_out())
        if (random() % 3 == 0) story.failing_windows.insert({place.epoch, place.window});
    return story;
}

Story resumed(Story story) {
    const Told told = expected(story);
    if (!told.batches.empty()) story.start = told.batches[mixed(story.seed, 5, 5) % told.batches.size()].after;
    return story;
}

Told expected(const Story& story) {
    const StoryCounts counts(story, story.counts_known);
    loom::Dealer dealer(story.shape, story.start);
    Told told;
    try {
        while (told.batches.size() < story.most_batches) {
            loom::StepResult next = dealer.advance(counts);
            if (const auto* end = std::get_if<loom::End>(&next)) {
                const auto mistake = mistake_left_out(story, dealer);
                told.ending = mistake ? one_line(*mistake) : end_text(end->rows_cut);
                return told;
            }
            if (const auto* need = std::get_if<loom::Need>(&next)) {
                told.ending = one_line(window_error({need->epoch, need->window}));
                return told;
            }
            const auto& step = std::get<loom::Step>(next);
            const loom::RowRange own = loom::share(step.places.size(), story.shape.rank, story.shape.world);
            if (const auto error = first_mistake(story, step, own)) {
                told.ending = one_line(*error);
                return told;
            }
            told.batches.push_back(seen(step, own));
        }
    } catch (const base::Failure& failure) {
        told.ending = one_line(failure.first());
    }
    return told;
}

}  // namespace engine_test
