// Counting of records.
#include <embedloom/run/tally.h>

#include <cstdio>
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

}  // namespace

Tally::Tally(BadRecordRule rule, std::optional<std::uint64_t> epochs, Keep keep)
    : rule_(rule), epochs_(epochs), keep_(std::move(keep)) {}

std::optional<base::Error> Tally::made(WindowRows& window, std::uint64_t text_bytes) {
    const std::lock_guard lock(mutex_);
    if (epochs_ && window.epoch >= *epochs_) return std::nullopt;
    const Id id{window.epoch, window.window};
    const bool keeps = rule_.policy == BadRecords::quarantine;
    ledger_.read += window.records_read;
    ledger_.pending += window.row_count();
    (keeps ? ledger_.quarantined : ledger_.skipped) += window.bad.size();
    text_bytes_ += text_bytes;
    if (!window.bad.empty() && (!first_bad_ || id < first_bad_->window)) first_bad_ = {id, window.bad.front().error};
    waited_.records += window.records_read;
    waited_.bad += window.bad.size();
    Window& waiting = waiting_[id] = {window.records_read, window.bad.size(), {}};
    if (keeps) waiting.kept = std::move(window.bad);
    window.bad.clear();
    if (waited_.bad < hopeless_bad) return std::nullopt;
    return over_budget({reached_.records + waited_.records, reached_.bad + waited_.bad});
}

void Tally::reach(std::map<Id, Window>::iterator window) {
    ++windows_reached_;
    reached_.records += window->second.records;
    reached_.bad += window->second.bad;
    waited_.records -= window->second.records;
    waited_.bad -= window->second.bad;
    for (const BadRecord& bad : window->second.kept) keep_(bad);
}

std::optional<base::Error> Tally::over_budget(Counts counts) const {
    const double share = counts.records ? static_cast<double>(counts.bad) / static_cast<double>(counts.records) : 0;
    if (share <= rule_.at_most) return std::nullopt;
    base::Error error{.code = base::Code::bad_data, .key_path = "run.on_error.at_most",
                      .found = std::to_string(counts.bad) + " bad records of " + std::to_string(counts.records) + " (" +
                               percent(share) + ")",
                      .expected = "at most " + percent(rule_.at_most), .hint = "look at the first ones, then allow more"};
    if (first_bad_) error.cause = "the first: " + base::one_line(first_bad_->error);
    return error;
}

std::optional<base::Error> Tally::handed_out(std::uint64_t rows, std::uint64_t repeats, const loom::State& after) {
    const std::lock_guard lock(mutex_);
    ledger_.emitted += rows - repeats;
    ledger_.pending -= rows - repeats;
    ledger_.repeats += repeats;
    for (auto window = waiting_.begin(); window != waiting_.end() && window->first.first <= after.epoch;) {
        if (!is_reached(after, window->first.first, window->first.second)) {
            ++window;
            continue;
        }
        reach(window);
        window = waiting_.erase(window);
    }
    return reached_.records < records_before_budget ? std::nullopt : over_budget(reached_);
}

std::optional<base::Error> Tally::ended(Ending ending, std::uint64_t rows_cut) {
    const std::lock_guard lock(mutex_);
    ledger_.cut_at_tail += rows_cut;
    ledger_.pending -= rows_cut;
    for (auto window = waiting_.begin(); ending == Ending::epochs && window != waiting_.end();
         window = waiting_.erase(window))
        reach(window);
    return over_budget(reached_);
}

loom::Ledger Tally::ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
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
