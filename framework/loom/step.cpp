// Dealing: B/L rows of each lane; then, in rounds, what dry lanes leave open and the next epochs give.
#include <embedloom/loom/law_errors.h>
#include <embedloom/loom/step.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace embedloom::loom {

namespace {

constexpr std::uint32_t most_empty_epochs_of_wrap = 1000;

}  // namespace

Dealer::Dealer(const Shape& shape, State state) : shape_(shape), state_(std::move(state)) {
    check_shape(shape_);
    check_state(shape_, state_);
}

StepResult Dealer::advance(const RowCounts& counts) {
    if (state_.ended || (shape_.steps && state_.step >= *shape_.steps)) return End{};
    if (!begun_) begin_step();
    for (;;) {
        if (phase_ == Phase::quotas && !deal_quotas(counts)) return need_;
        if (phase_ == Phase::rounds && !deal_rounds(counts)) return need_;
        const bool full = places_.size() == shape_.batch;
        if (full || phase_ == Phase::complete || end_epoch()) return finish();
    }
}

std::span<const Place> Dealer::left_out() const {
    if (phase_ != Phase::complete) return {};
    return places_;  // of a step that was given they are gone
}

void Dealer::begin_step() {
    places_.clear();
    places_.reserve(shape_.batch);
    wrapping_ = false;
    empty_epochs_ = 0;
    epoch_ = state_.epoch;
    lanes_.resize(shape_.lanes);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        const Cursor& cursor = state_.cursors[lane];
        lanes_[lane] = {.cursor = cursor, .window = cursor.window, .row = cursor.row};
    }
    phase_ = Phase::quotas;
    turn_ = taken_ = 0;
    begun_ = true;
}

void Dealer::begin_epoch(std::uint64_t epoch) {
    epoch_ = epoch;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
        lanes_[lane] = {.cursor = {.window = lane}, .window = lane};
    dealt_before_ = places_.size();
    begin_rounds();
}

void Dealer::begin_rounds() {
    live_.resize(lanes_.size());
    std::iota(live_.begin(), live_.end(), 0u);
    turn_ = kept_ = 0;
    phase_ = Phase::rounds;
}

Dealer::Found Dealer::look(Lane& lane, const RowCounts& counts) {
    while (lane.window < shape_.windows) {
        if (!lane.counted) {
            need_ = {.epoch = epoch_, .window = lane.window};
            const auto rows = counts.rows(epoch_, lane.window);
            if (!rows) return Found::need;
            if (lane.row > *rows) refuse_cursor(lane.window, lane.row, *rows);
            lane.rows = *rows;
            lane.counted = true;
        }
        if (lane.row < lane.rows) return Found::row;
        lane.window += shape_.lanes;
        lane.row = 0;
        lane.counted = false;
    }
    return Found::dry;
}

void Dealer::take(Lane& lane, std::uint64_t rows) {
    for (std::uint64_t i = 0; i < rows; ++i)
        places_.push_back({.epoch = epoch_, .window = lane.window, .row = lane.row++});
    lane.cursor = {.window = lane.window, .row = lane.row};
}

/// False: a count is missing.
bool Dealer::deal_quotas(const RowCounts& counts) {
    const std::uint32_t quota = shape_.batch / shape_.lanes;
    for (; turn_ < shape_.lanes; ++turn_, taken_ = 0) {
        Lane& lane = lanes_[turn_];
        while (taken_ < quota) {
            const Found found = look(lane, counts);
            if (found == Found::need) return false;
            if (found == Found::dry) break;
            const std::uint64_t rows = std::min<std::uint64_t>(quota - taken_, lane.rows - lane.row);
            take(lane, rows);
            taken_ += static_cast<std::uint32_t>(rows);
        }
    }
    begin_rounds();
    return true;
}

/// One row of each lane in turn until the batch is full or all lanes are dry. False: a count is missing.
bool Dealer::deal_rounds(const RowCounts& counts) {
    while (places_.size() < shape_.batch && !live_.empty()) {
        for (; turn_ < live_.size() && places_.size() < shape_.batch; ++turn_) {
            Lane& lane = lanes_[live_[turn_]];
            const Found found = look(lane, counts);
            if (found == Found::need) return false;
            if (found == Found::dry) continue;
            take(lane, 1);
            live_[kept_++] = live_[turn_];
        }
        if (turn_ < live_.size()) break;
        live_.resize(kept_);
        turn_ = kept_ = 0;
    }
    phase_ = Phase::epoch_dealt;
    return true;
}

/// The epoch could not fill the batch: goes on with the next one, or says that the step is complete as it is.
/// What is complete stays so: an end or an error is given again when asked again.
bool Dealer::end_epoch() {
    if (epoch_ > state_.epoch) count_empty_epoch();
    const bool last = shape_.epochs && epoch_ + 1 >= *shape_.epochs;
    if (last && !wrapping_) {
        if (shape_.tail != Tail::wrap || places_.empty()) {
            phase_ = Phase::complete;
            return true;
        }
        wrapping_ = true;
        ended_ = after();
        ended_.ended = true;
        real_ = places_.size();
        empty_epochs_ = 0;
    }
    begin_epoch(epoch_ + 1);
    return false;
}

/// One empty epoch may be a matter of chance (a filter that draws); a second one in a row is an error.
/// Filling up the last batch is more patient, as its rows are repeats, but not for ever.
void Dealer::count_empty_epoch() {
    empty_epochs_ = places_.size() > dealt_before_ ? 0 : empty_epochs_ + 1;
    if (empty_epochs_ > (wrapping_ ? most_empty_epochs_of_wrap : 1)) refuse_empty_epoch(epoch_);
}

StepResult Dealer::finish() {
    Step step;
    if (wrapping_) {
        step.after = ended_;
        step.repeats = places_.size() - real_;
    } else {
        step.after = after();
        step.after.ended = places_.size() < shape_.batch;
        if (places_.empty() || (step.after.ended && shape_.tail == Tail::drop)) {
            if (state_.step > 0 || (places_.empty() && shape_.may_be_empty)) return End{.rows_cut = places_.size()};
            if (places_.empty()) refuse_empty_epoch(epoch_);
            refuse_no_full_batch(places_.size(), shape_.batch);
        }
    }
    begun_ = false;
    step.places = std::exchange(places_, {});
    state_ = step.after;
    return step;
}

State Dealer::after() const {
    State state{.step = state_.step + 1, .epoch = epoch_};
    state.cursors.reserve(lanes_.size());
    for (const Lane& lane : lanes_) state.cursors.push_back(lane.cursor);
    return state;
}

StepResult next_step(const Shape& shape, const State& state, const RowCounts& counts) {
    return Dealer(shape, state).advance(counts);
}

}  // namespace embedloom::loom
