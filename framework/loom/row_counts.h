// How many rows each window makes: known from the index, or learned as windows are made.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace embedloom::loom {

/// Row counts by (epoch, window): nothing where a count is not known yet. A count that is known never
/// changes.
class RowCounts {
  public:
    virtual ~RowCounts() = default;
    virtual std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const = 0;
    /// Rows of an epoch of so many windows; nothing where the count of one of them is not known yet.
    virtual std::optional<std::uint64_t> rows_of_epoch(std::uint64_t epoch, std::uint64_t windows) const;
};

/// Each window makes the same number of rows, the last one the rest: one record is one row, and none is bad.
class EvenRows final : public RowCounts {
  public:
    EvenRows(std::uint64_t records, std::uint64_t per_window) : records_(records), per_window_(per_window) {}
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override;

  private:
    std::uint64_t records_;
    std::uint64_t per_window_;
};

/// Counts that are learned one by one. Set [serial]; rows [any-thread] between sets.
/// Memory: 8 bytes for each window of an epoch up to the highest one set.
class RowTable final : public RowCounts {
  public:
    void set(std::uint64_t epoch, std::uint64_t window, std::uint64_t rows);
    /// Forgets all epochs before this one.
    void forget_before(std::uint64_t epoch);
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override;

  private:
    std::map<std::uint64_t, std::vector<std::uint64_t>> epochs_;  // count + 1, 0 = not known
};

}  // namespace embedloom::loom
