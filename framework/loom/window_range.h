// Some windows of an epoch run alone: a stream of one lane, from the first of them to the last.
#pragma once

#include <embedloom/loom/row_counts.h>
#include <embedloom/loom/state.h>
#include <embedloom/loom/windows.h>

#include <cstdint>
#include <optional>

namespace embedloom::loom {

/// Windows `windows.begin` to `windows.end` - 1 of an epoch.
struct WindowRange {
    std::uint64_t epoch = 0;
    Range windows;
    bool operator==(const WindowRange&) const = default;
};

/// What gives the rows of a range: a stream's shape, and the state from which it deals.
struct Part {
    Shape shape;
    State start;
};

/// The rows of `range` in the order of windows, whatever the lanes of `whole` are, in batches of its size: every row of these windows
/// once, and none of another. Ranks, tail, steps and epochs of `whole` are of its batches and do not apply. The last batch is short, and
/// a range may have no row, then there is no batch. Throws base::Failure: config as check_shape, usage for a range that is empty or goes
/// beyond the windows of an epoch. [any-thread]
Part part_of(const Shape& whole, const WindowRange& range);

/// How many rows a range has, where all its counts are known. [any-thread]
std::optional<std::uint64_t> rows_of(const WindowRange& range, const RowCounts& counts);

}  // namespace embedloom::loom
