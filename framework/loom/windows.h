// Cutting a data set into windows: by records where an index lists them, else by bytes.
#pragma once

#include <cstdint>

namespace embedloom::loom {

/// Items begin, ..., end - 1: records, bytes or rows.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::uint64_t size() const { return end - begin; }
    bool operator==(const Range&) const = default;
};

/// Windows of `size` items, the last one smaller: of records at positions of the epoch's order, or of bytes,
/// where a window is the records that start in it. Does not depend on the epoch. `size` at least 1.
struct Windows {
    std::uint64_t items = 0;  ///< records N, or bytes of all files laid end to end
    std::uint64_t size = 1;
    std::uint64_t count() const { return items / size + (items % size != 0); }
    /// Window number `window`, which is below count(). [any-thread]
    Range range(std::uint64_t window) const;
};

/// What the number of records in a window follows from.
struct RecordSizes {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;         ///< of all records
    std::uint64_t window_bytes = 1;  ///< text that a window should hold
};

/// Windows of max(1, floor(window bytes / mean bytes of a record)) records, the division exact. [any-thread]
Windows cut_records(const RecordSizes& sizes);

/// Windows of `window_bytes` bytes, 1 at least. [any-thread]
Windows cut_bytes(std::uint64_t bytes, std::uint64_t window_bytes);

}  // namespace embedloom::loom
