// The two ways in which row counts are known.
#include <embedloom/loom/row_counts.h>

#include <algorithm>

namespace embedloom::loom {

std::optional<std::uint64_t> RowCounts::rows_of_epoch(std::uint64_t epoch, std::uint64_t windows) const {
    std::uint64_t sum = 0;
    for (std::uint64_t window = 0; window < windows; ++window) {
        const auto more = rows(epoch, window);
        if (!more) return std::nullopt;
        sum += *more;
    }
    return sum;
}

std::optional<std::uint64_t> EvenRows::rows(std::uint64_t, std::uint64_t window) const {
    if (per_window_ == 0 || window > records_ / per_window_) return 0;
    return std::min(per_window_, records_ - window * per_window_);
}

void RowTable::set(std::uint64_t epoch, std::uint64_t window, std::uint64_t rows) {
    std::vector<std::uint64_t>& counts = epochs_[epoch];
    if (counts.size() <= window) counts.resize(window + 1);
    counts[window] = rows + 1;
}

void RowTable::forget_before(std::uint64_t epoch) {
    epochs_.erase(epochs_.begin(), epochs_.lower_bound(epoch));
}

std::optional<std::uint64_t> RowTable::rows(std::uint64_t epoch, std::uint64_t window) const {
    const auto found = epochs_.find(epoch);
    if (found == epochs_.end() || found->second.size() <= window) return std::nullopt;
    const std::uint64_t stored = found->second[window];
    return stored ? std::optional(stored - 1) : std::nullopt;
}

}  // namespace embedloom::loom
