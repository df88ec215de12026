// Counting of records.
#include <embedloom/run/tally.h>

#include <cstdio>

namespace embedloom::run {

namespace {

constexpr std::uint64_t records_before_budget = 1000;

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

void Tally::made(const WindowRows& window, std::uint64_t text_bytes) {
    const std::lock_guard lock(mutex_);
    if (epochs_ && window.epoch >= *epochs_) return;
    ledger_.read += window.records_read;
    ledger_.pending += window.row_count();
    (rule_.policy == BadRecords::quarantine ? ledger_.quarantined : ledger_.skipped) += window.bad.size();
    text_bytes_ += text_bytes;
    waiting_.insert_or_assign({window.epoch, window.window}, Window{window.records_read, window.bad});
}

void Tally::reach(std::map<Id, Window>::iterator window) {
    ++windows_reached_;
    reached_records_ += window->second.records;
    reached_bad_ += window->second.bad.size();
    if (rule_.policy == BadRecords::quarantine)
        for (const BadRecord& bad : window->second.bad) keep_(bad);
}

std::optional<base::Error> Tally::over_budget(std::uint64_t from_records) const {
    const double share = reached_records_ ? static_cast<double>(reached_bad_) / static_cast<double>(reached_records_) : 0;
    if (reached_records_ < from_records || share <= rule_.at_most) return std::nullopt;
    return base::Error{.code = base::Code::bad_data, .key_path = "run.on_error.at_most",
                       .found = std::to_string(reached_bad_) + " bad records of " + std::to_string(reached_records_) + " (" +
                                percent(share) + ")",
                       .expected = "at most " + percent(rule_.at_most), .hint = "look at the first ones, then allow more"};
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
    return over_budget(records_before_budget);
}

std::optional<base::Error> Tally::ended(Ending ending, std::uint64_t rows_cut) {
    const std::lock_guard lock(mutex_);
    ledger_.cut_at_tail += rows_cut;
    ledger_.pending -= rows_cut;
    for (auto window = waiting_.begin(); ending == Ending::epochs && window != waiting_.end();
         window = waiting_.erase(window))
        reach(window);
    return over_budget(1);
}

loom::Ledger Tally::ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
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
