// How many rows each window makes, from what the count index says, and which windows have nothing but bad records.
#pragma once

#include <embedloom/loom/row_counts.h>
#include <embedloom/run/count_index.h>
#include <embedloom/run/record_order.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace embedloom::run {

/// Adds up the parts of a window, where they are counted, once for all epochs; else reads its epoch's numbers. Memory: 4 bytes for each
/// window of three epochs, beside the index.
class WindowCounts final : public loom::RowCounts {
  public:
    enum class Counted { windows, parts };
    struct Settings {
        Counted counted = Counted::windows;  ///< the items of the index
        /// Is told of each window that has bad records and no row before anybody learns its number: no rank makes it. May be empty; calls come
        /// one at a time, and again for a window of an epoch that was let go.
        std::function<void(std::uint64_t epoch, std::uint64_t window)> tell_barren;
    };
    /// `order` lives as long as this.
    WindowCounts(const RecordOrder& order, std::unique_ptr<const CountIndex> index, Settings settings);

    /// [any-thread] Throws what counting and telling throw.
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override;
    std::optional<std::uint64_t> rows_of_epoch(std::uint64_t epoch, std::uint64_t windows) const override;

    /// [main] Tells of all barren windows anew.
    void forget();

  private:
    using Known = std::vector<std::atomic<std::uint32_t>>;  // rows + 1; 0: not known yet
    struct Sum {
        std::uint64_t rows = 0;
        bool has_bad = false;
    };
    std::shared_ptr<Known> known_of(std::uint64_t epoch) const;
    bool counts_places() const { return settings_.counted == Counted::parts && order_->records(); }  ///< bits of records
    Sum sum_of(std::uint64_t epoch, std::uint64_t window) const;

    const RecordOrder* order_;
    std::unique_ptr<const CountIndex> index_;
    Settings settings_;
    mutable std::mutex telling_;
    mutable std::mutex mutex_;  // guards epochs_
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<Known>>> epochs_;
};

}  // namespace embedloom::run
