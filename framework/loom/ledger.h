// What became of every record that was read: the counters of one rank, and their sum over ranks.
#pragma once

#include <cstdint>

namespace embedloom::loom {

/// Records, counted so that at every moment, on every rank, what was read is what is accounted for. Those that
/// became rows are counted as rows: `split` tells how many more there are. The counters of a window belong to
/// the rank that takes its first row.
struct Ledger {
    std::uint64_t read = 0;
    std::uint64_t emitted = 0;      ///< in batches that were handed out
    std::uint64_t filtered = 0;     ///< dropped by a stage on purpose
    std::uint64_t skipped = 0;      ///< bad, on_error: skip
    std::uint64_t quarantined = 0;  ///< bad, on_error: quarantine
    std::uint64_t cut_at_tail = 0;  ///< left over at the end, tail: drop
    std::uint64_t pending = 0;      ///< made into rows that no batch has taken yet
    std::int64_t elsewhere = 0;     ///< emitted by other ranks from windows counted here, less the reverse
    std::int64_t split = 0;         ///< rows beyond one a record; below 0 where records share rows or make none
    std::uint64_t repeats = 0;      ///< dealt again, tail: wrap; not part of the sum

    /// Records read and rows beyond them, less what is accounted for: 0, or records were lost (above) or made
    /// up (below).
    std::int64_t balance() const;

    /// Adds another rank's. Over all ranks elsewhere becomes 0.
    void merge(const Ledger& other);

    bool operator==(const Ledger&) const = default;
};

}  // namespace embedloom::loom
