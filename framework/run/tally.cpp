// Counting of records.
#include <embedloom/run/tally.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>

namespace embedloom::run {

namespace {

constexpr std::uint64_t records_before_budget = 1000;
constexpr std::uint64_t hopeless_bad = 100'000;  // waiting ones; they also take memory

/// Whether the stream has begun to deal this window, or passed it without a row.
bool is_reached(const loom::State& state, std::uint64_t epoch, std::uint64_t window) {
    if (epoch != state.epoch) return epoch < state.epoch;
    const loom::Cursor& cursor = state.cursors[window % state.cursors.size()];
    return window < cursor.window || (window == cursor.window && cursor.row > 0);
}

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g %%", share * 100);
    return text;
}

/// Rows of a window that the stream has dealt.
std::uint64_t rows_gone(const loom::State& state, std::uint64_t epoch, std::uint64_t window, std::uint64_t rows) {
    if (epoch != state.epoch) return epoch < state.epoch ? rows : 0;
    const loom::Cursor& cursor = state.cursors[window % state.cursors.size()];
    return window < cursor.window ? rows : window == cursor.window ? cursor.row : 0;
}

}  // namespace

Tally::Tally(Start start, Keep keep)
    : start_(std::move(start)), keep_(std::move(keep)), ledger_(start_.ledger), state_(start_.state) {
    windows_reached_ = state_.epoch * start_.shape.windows;
    for (const loom::Cursor& cursor : state_.cursors) {
        windows_reached_ += cursor.window / state_.cursors.size() + (cursor.row > 0);
        if (!has_ranks() || start_.shape.rank != 0 || cursor.row == 0) continue;
        const std::uint64_t rows = start_.counts->rows(state_.epoch, cursor.window).value_or(cursor.row);
        if (cursor.row < rows) open_[{state_.epoch, cursor.window}] = {.rows = rows, .gone = cursor.row};
        if (start_.has_other_data) read_rest(rows, cursor);
    }
}

std::optional<base::Error> Tally::made(WindowRows&& window, std::uint64_t text_bytes) {
    const std::lock_guard lock(mutex_);
    text_bytes_ += text_bytes;
    if (start_.shape.epochs && window.epoch >= *start_.shape.epochs) return std::nullopt;
    // Before a resume; or, where there are ranks, counted again for the rows of an epoch that the count index had let go.
    const Id id{window.epoch, window.window};
    if (start_.has_other_data && !has_ranks() && window.epoch == start_.state.epoch) read_rest(window);
    if (is_reached(has_ranks() ? state_ : start_.state, window.epoch, window.window) || waiting_.contains(id)) return std::nullopt;
    if (!window.bad.empty() && (!first_bad_ || id < first_bad_->window)) first_bad_ = {id, window.bad.front().error};
    waited_.records += window.records_read;
    waited_.bad += window.bad.size();
    Window& waiting = waiting_[id] = {window.records_read, window.row_count(), window.bad.size(), {}};
    if (start_.rule.policy == BadRecords::quarantine) waiting.kept = std::move(window.bad);
    window.bad.clear();
    if (waited_.bad < hopeless_bad) return std::nullopt;
    return over_budget({reached_.records + waited_.records, reached_.bad + waited_.bad});
}

/// Of a window that was begun over other data: what is left of it in these.
void Tally::read_rest(std::uint64_t rows, const loom::Cursor& cursor) {
    const std::uint64_t left = rows - std::min(rows, cursor.row);
    ledger_.read += left;
    ledger_.pending += left;
}

void Tally::read_rest(const WindowRows& window) {
    for (const loom::Cursor& cursor : start_.state.cursors)
        if (cursor.window == window.window && cursor.row > 0) read_rest(window.row_count(), cursor);
}

std::map<Tally::Id, Tally::Window>::iterator Tally::reach(std::map<Id, Window>::iterator at) {
    const Window& window = at->second;
    ++windows_reached_;
    reached_.records += window.records;
    reached_.bad += window.bad;
    waited_.records -= window.records;
    waited_.bad -= window.bad;
    ledger_.read += window.records;
    ledger_.pending += window.rows;
    ledger_.split += static_cast<std::int64_t>(window.rows + window.bad - window.records);
    (start_.rule.policy == BadRecords::quarantine ? ledger_.quarantined : ledger_.skipped) += window.bad;
    if (has_ranks() && window.rows) open_[at->first] = {.rows = window.rows};
    for (const BadRecord& bad : window.kept) keep_(bad);
    return waiting_.erase(at);
}

/// Where there are ranks: the windows whose first row is in our share of the batch.
void Tally::reach_begun(const engine::StepPlan& plan) {
    const std::size_t rows = plan.rows.size() - plan.repeats;
    for (std::size_t row = 0; row < rows; ++row) {
        const loom::Place& place = plan.rows[row].place;
        if (const auto at = waiting_.find({place.epoch, place.window}); place.row == 0 && at != waiting_.end()) reach(at);
    }
}

/// Where there is one rank: all windows up to the state, in the stream's order; those without a row too. Of many ranks the first
/// tells of those.
void Tally::reach_passed(const loom::State& after, Which which) {
    for (auto at = waiting_.begin(); at != waiting_.end() && at->first.first <= after.epoch;) {
        const bool is_wanted = which == Which::all || at->second.rows == 0;
        at = is_wanted && is_reached(after, at->first.first, at->first.second) ? reach(at) : std::next(at);
    }
}

void Tally::emit(const engine::StepPlan& plan) {
    const std::size_t rows = plan.rows.size() - plan.repeats;
    ledger_.emitted += rows;
    ledger_.repeats += plan.repeats;
    if (!has_ranks()) {
        ledger_.pending -= rows;
        return;
    }
    for (std::size_t row = 0; row < rows; ++row) {
        const loom::Place& place = plan.rows[row].place;
        if (const auto open = open_.find({place.epoch, place.window}); open != open_.end())
            ++open->second.mine;
        else
            --ledger_.elsewhere;
    }
    settle_open(plan.after);
}

/// What the batch took of windows of ours: our own rows are emitted, the others' are elsewhere. Windows of others that nobody here
/// will take a row of any more are forgotten.
void Tally::settle_open(const loom::State& after) {
    for (auto at = open_.begin(); at != open_.end();) {
        Open& open = at->second;
        const std::uint64_t gone = rows_gone(after, at->first.first, at->first.second, open.rows);
        ledger_.pending -= gone - open.gone;
        ledger_.elsewhere += static_cast<std::int64_t>(gone - open.gone - open.mine);
        open.gone = gone;
        open.mine = 0;
        at = gone == open.rows ? open_.erase(at) : std::next(at);
    }
    for (auto at = waiting_.begin(); at != waiting_.end() && at->first.first <= after.epoch;) {
        const auto& [epoch, window] = at->first;
        if (rows_gone(after, epoch, window, at->second.rows) < std::max<std::uint64_t>(1, at->second.rows)) {
            ++at;
            continue;
        }
        waited_.records -= at->second.records;
        waited_.bad -= at->second.bad;
        at = waiting_.erase(at);
    }
}

std::optional<base::Error> Tally::over_budget(Counts counts) const {
    const double share = counts.records ? static_cast<double>(counts.bad) / static_cast<double>(counts.records) : 0;
    if (share <= start_.rule.at_most) return std::nullopt;
    base::Error error{.code = base::Code::bad_data, .key_path = "run.on_error.at_most",
                      .found = std::to_string(counts.bad) + " bad records of " + std::to_string(counts.records) + " (" +
                               percent(share) + ")",
                      .expected = "at most " + percent(start_.rule.at_most), .hint = "look at the first ones, then allow more"};
    if (first_bad_) error.cause = "the first: " + base::one_line(first_bad_->error);
    return error;
}

std::optional<base::Error> Tally::handed_out(const engine::StepPlan& plan) {
    const std::lock_guard lock(mutex_);
    if (has_ranks()) reach_begun(plan);
    reach_passed(plan.after, has_ranks() ? Which::barren : Which::all);
    emit(plan);
    state_ = plan.after;
    return reached_.records < records_before_budget ? std::nullopt : over_budget(reached_);
}

std::optional<base::Error> Tally::ended(Ending ending, std::uint64_t rows_cut) {
    const std::lock_guard lock(mutex_);
    for (auto at = waiting_.begin(); ending != Ending::steps && at != waiting_.end();) {
        const bool is_nobodys = at->second.rows == 0 || !is_reached(state_, at->first.first, at->first.second);
        at = !has_ranks() || is_nobodys ? reach(at) : std::next(at);
    }
    // Of rows that no rank takes each rank cuts those of its own windows.
    const std::uint64_t cut = has_ranks() ? (ending == Ending::epochs ? ledger_.pending : 0) : rows_cut;
    ledger_.cut_at_tail += cut;
    ledger_.pending -= cut;
    if (ending == Ending::part && reached_.records < records_before_budget) return std::nullopt;
    return over_budget(reached_);
}

loom::Ledger Tally::ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
}

/// Rows of all windows that are begun and not ended, over all ranks. Not under the lock: whoever counts them may tell this of a window.
std::uint64_t Tally::pending_everywhere() const {
    std::uint64_t rows = 0;
    for (const loom::Cursor& cursor : state_.cursors)
        if (cursor.row > 0) rows += start_.counts->rows(state_.epoch, cursor.window).value_or(cursor.row) - cursor.row;
    return rows;
}

loom::Ledger Tally::ledger_to_keep() const {
    loom::Ledger ledger = this->ledger();
    if (!has_ranks()) return ledger;
    const std::uint64_t pending = start_.shape.rank == 0 ? pending_everywhere() : 0;
    ledger.elsewhere += static_cast<std::int64_t>(ledger.pending) - static_cast<std::int64_t>(pending);
    ledger.pending = pending;
    return ledger;
}

std::optional<base::Error> Tally::first_bad() const {
    const std::lock_guard lock(mutex_);
    return first_bad_ ? std::optional(first_bad_->error) : std::nullopt;
}

std::uint64_t Tally::text_bytes() const {
    const std::lock_guard lock(mutex_);
    return text_bytes_;
}

std::uint64_t Tally::windows_reached() const {
    const std::lock_guard lock(mutex_);
    return windows_reached_;
}

}  // namespace embedloom::run
