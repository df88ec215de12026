// Sums over the parts of windows, each worked out once.
#include <embedloom/run/counted.h>
#include <embedloom/run/window_counts.h>

#include <bit>
#include <utility>

namespace embedloom::run {

WindowCounts::WindowCounts(const RecordOrder& order, std::unique_ptr<const CountIndex> index, Settings settings)
    : order_(&order), index_(std::move(index)), settings_(std::move(settings)) {}

std::shared_ptr<WindowCounts::Known> WindowCounts::known_of(std::uint64_t epoch) const {
    constexpr std::size_t kept = 3;
    const std::lock_guard lock(mutex_);
    for (const auto& [known, rows] : epochs_)
        if (known == epoch) return rows;
    if (epochs_.size() == kept) epochs_.erase(epochs_.begin());
    return epochs_.emplace_back(epoch, std::make_shared<Known>(order_->windows())).second;
}

WindowCounts::Sum WindowCounts::sum_of(std::uint64_t epoch, std::uint64_t window) const {
    const auto numbers = index_->numbers(epoch);
    std::vector<RecordOrder::PartPlace> parts;
    if (settings_.counted == Counted::windows)
        parts.push_back({window, 0});
    else
        order_->parts_of({epoch, window}, parts);
    Sum sum;
    for (const auto& [part, place] : parts) {
        const std::uint32_t number = (*numbers)[part];
        if (counts_places()) {
            sum.rows += number >> place & 1;
        } else {
            sum.rows += number & ~has_bad_records;
            sum.has_bad |= (number & has_bad_records) != 0;
        }
    }
    sum.has_bad |= counts_places() && sum.rows < parts.size();
    return sum;
}

std::optional<std::uint64_t> WindowCounts::rows(std::uint64_t epoch, std::uint64_t window) const {
    const std::shared_ptr<Known> known = known_of(epoch);
    std::atomic<std::uint32_t>& mine = (*known)[window];
    if (const std::uint32_t rows = mine.load()) return rows - 1;
    const Sum sum = sum_of(epoch, window);
    if (sum.rows == 0 && sum.has_bad && settings_.tell_barren) {
        const std::lock_guard lock(telling_);
        if (mine.load() == 0) settings_.tell_barren(epoch, window);
        mine = 1;
    }
    mine = counted_rows(sum.rows, false) + 1;
    return sum.rows;
}

/// All of the numbers, whose sum no order of the parts changes.
std::optional<std::uint64_t> WindowCounts::rows_of_epoch(std::uint64_t epoch, std::uint64_t) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t number : *index_->numbers(epoch))
        sum += counts_places() ? static_cast<std::uint64_t>(std::popcount(number)) : number & ~has_bad_records;
    return sum;
}

void WindowCounts::forget() {
    const std::lock_guard lock(mutex_);
    epochs_.clear();
}

}  // namespace embedloom::run
