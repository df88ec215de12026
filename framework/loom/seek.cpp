// The law on numbers of rows alone: a run of equal steps is one subtraction; lanes that run dry cost more.
#include <embedloom/base/error.h>
#include <embedloom/loom/law_errors.h>
#include <embedloom/loom/seek.h>

#include <algorithm>
#include <string>
#include <vector>

namespace embedloom::loom {

namespace {

std::uint64_t count(const RowCounts& counts, std::uint64_t epoch, std::uint64_t window) {
    const auto rows = counts.rows(epoch, window);
    if (!rows) refuse_unknown_count(epoch, window);
    return *rows;
}

std::uint64_t epoch_count(const RowCounts& counts, std::uint64_t epoch, std::uint64_t windows) {
    const auto rows = counts.rows_of_epoch(epoch, windows);
    for (std::uint64_t window = 0; !rows && window < windows; ++window) count(counts, epoch, window);  // names the one
    return *rows;
}

/// Rows left in each lane of an epoch, and how many it has given.
class Lanes {
  public:
    Lanes(const Shape& shape, const RowCounts& counts) : shape_(shape), counts_(counts) {}

    void begin(std::uint64_t epoch) {
        epoch_ = epoch;
        left_.assign(shape_.lanes, 0);
        taken_.assign(shape_.lanes, 0);
        for (std::uint64_t window = 0; window < shape_.windows; ++window)
            left_[window % shape_.lanes] += count(counts_, epoch_, window);
    }

    std::uint64_t epoch() const { return epoch_; }

    /// Takes up to `most` steps in which every live lane gives the same in each; returns how many.
    std::uint64_t whole_steps(std::uint64_t most) {
        const std::vector<std::uint32_t> live = live_lanes();
        if (live.empty()) return 0;
        const std::uint64_t open = shape_.batch - quota() * live.size();
        const auto per_step = [&](std::size_t i) {
            return quota() + open / live.size() + (i < open % live.size() ? 1 : 0);
        };
        std::uint64_t steps = most;
        for (std::size_t i = 0; i < live.size(); ++i) steps = std::min(steps, left_[live[i]] / per_step(i));
        for (std::size_t i = 0; i < live.size(); ++i) take(live[i], steps * per_step(i));
        return steps;
    }

    /// B/L rows of each lane, as far as they have them; returns how many.
    std::uint64_t quotas() {
        std::uint64_t rows = 0;
        for (std::uint32_t lane = 0; lane < shape_.lanes; ++lane)
            rows += take(lane, std::min(quota(), left_[lane]));
        return rows;
    }

    /// Up to `wanted` rows, one of each lane in turn; returns how many.
    std::uint64_t rounds(std::uint64_t wanted) {
        std::uint64_t rows = 0;
        while (rows < wanted) {
            std::vector<std::uint32_t> live = live_lanes();
            if (live.empty()) break;
            std::uint64_t full = (wanted - rows) / live.size();
            for (const std::uint32_t lane : live) full = std::min(full, left_[lane]);
            const bool partial = full == 0;
            if (partial) live.resize(wanted - rows);
            for (const std::uint32_t lane : live) rows += take(lane, partial ? 1 : full);
        }
        return rows;
    }

    std::vector<Cursor> cursors() const {
        std::vector<Cursor> cursors;
        for (std::uint32_t lane = 0; lane < shape_.lanes; ++lane) cursors.push_back(cursor(lane));
        return cursors;
    }

  private:
    std::uint64_t quota() const { return shape_.batch / shape_.lanes; }

    std::uint64_t take(std::uint32_t lane, std::uint64_t rows) {
        left_[lane] -= rows;
        taken_[lane] += rows;
        return rows;
    }

    std::vector<std::uint32_t> live_lanes() const {
        std::vector<std::uint32_t> live;
        for (std::uint32_t lane = 0; lane < shape_.lanes; ++lane)
            if (left_[lane]) live.push_back(lane);
        return live;
    }

    Cursor cursor(std::uint32_t lane) const {
        Cursor at{.window = lane, .row = taken_[lane]};
        while (at.row > 0) {
            const std::uint64_t rows = count(counts_, epoch_, at.window);
            if (at.row <= rows) break;
            at.row -= rows;
            at.window += shape_.lanes;
        }
        return at;
    }

    const Shape& shape_;
    const RowCounts& counts_;
    std::uint64_t epoch_ = 0;
    std::vector<std::uint64_t> left_;
    std::vector<std::uint64_t> taken_;
};

/// Rows for one step by one, over as many epochs as it takes; returns how many rows it has.
std::uint64_t one_step(const Shape& shape, Lanes& lanes) {
    std::uint64_t rows = lanes.quotas();
    rows += lanes.rounds(shape.batch - rows);
    bool was_empty = false;
    while (rows < shape.batch && (!shape.epochs || lanes.epoch() + 1 < *shape.epochs)) {
        lanes.begin(lanes.epoch() + 1);
        const std::uint64_t more = lanes.rounds(shape.batch - rows);
        if (more == 0 && was_empty) refuse_empty_epoch(lanes.epoch());
        was_empty = more == 0;
        rows += more;
    }
    return rows;
}

[[noreturn]] void refuse_step(std::uint64_t step, std::uint64_t length) {
    throw base::Failure({.code = base::Code::config,
                         .key_path = "state",
                         .found = "step " + std::to_string(step),
                         .expected = "at most " + std::to_string(length) + ", the steps of the iteration"});
}

/// What is wrong with an iteration of `rows` rows, if anything.
void check_rows(const Shape& shape, std::uint64_t rows, std::uint64_t epoch) {
    if (rows == 0) refuse_empty_epoch(epoch);
    if (shape.tail == Tail::drop && rows < shape.batch) refuse_no_full_batch(rows, shape.batch);
}

}  // namespace

std::optional<Extent> extent(const Shape& shape, const RowCounts& counts, std::uint64_t epoch) {
    check_shape(shape);
    const auto whole_batches = [&] { return Extent{*shape.steps, shape.batch}; };
    if (!shape.epochs) return shape.steps ? std::optional(whole_batches()) : std::nullopt;
    std::uint64_t rows = 0;
    bool was_empty = false;
    for (std::uint64_t at = epoch; at < std::max(*shape.epochs, epoch + 1); ++at) {
        if (shape.steps && rows / shape.batch >= *shape.steps) return whole_batches();
        const std::uint64_t more = epoch_count(counts, at, shape.windows);
        if (more == 0 && was_empty) refuse_empty_epoch(at);
        was_empty = more == 0 && at > epoch;
        rows += more;
    }
    check_rows(shape, rows, epoch);
    const std::uint64_t whole = rows / shape.batch, left = rows % shape.batch;
    if (shape.steps && *shape.steps <= whole) return whole_batches();
    if (left == 0 || shape.tail == Tail::drop) return Extent{whole, shape.batch};
    return Extent{whole + 1, shape.tail == Tail::wrap ? shape.batch : left};
}

State state_at(const Shape& shape, const RowCounts& counts, std::uint64_t step, std::uint64_t epoch) {
    State state = start(shape, epoch);
    if (shape.steps && step > *shape.steps) refuse_step(step, *shape.steps);
    Lanes lanes(shape, counts);
    lanes.begin(epoch);
    while (state.step < step) {
        if (state.ended) refuse_step(step, state.step);
        if (const std::uint64_t steps = lanes.whole_steps(step - state.step)) {
            state.step += steps;
            continue;
        }
        const std::uint64_t rows = one_step(shape, lanes);
        state.ended = rows < shape.batch;
        if (state.ended && state.step == 0) check_rows(shape, rows, lanes.epoch());
        if (state.ended && (rows == 0 || shape.tail == Tail::drop)) refuse_step(step, state.step);
        state.step += 1;
    }
    state.epoch = lanes.epoch();
    state.cursors = lanes.cursors();
    return state;
}

}  // namespace embedloom::loom
