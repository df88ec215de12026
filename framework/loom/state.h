// Where a stream stands: what fixes its batches (Shape), and the cursors from which it goes on (State).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace embedloom::loom {

/// What becomes of the rows at the end of an iteration that do not fill a batch.
enum class Tail {
    short_batch,  ///< the last batch is smaller
    drop,         ///< they are left out, and counted
    wrap,         ///< it is filled up from the epochs that would follow; these rows are told as repeats
};

/// What fixes the batches of a stream, apart from the rows themselves. They do not depend on rank and world.
struct Shape {
    std::uint64_t windows = 0;  ///< windows of an epoch, at least `lanes`
    std::uint32_t lanes = 1;    ///< a divisor of `batch`; lane l deals windows l, l + lanes, l + 2 lanes, ...
    std::uint32_t batch = 1;    ///< rows of a global batch
    std::optional<std::uint64_t> epochs = 1;  ///< the iteration ends before this one (from 0); none: endless
    Tail tail = Tail::short_batch;
    std::optional<std::uint64_t> steps = std::nullopt;  ///< ends it earlier; from step 0, not from a resume
    std::uint32_t rank = 0;   ///< less than `world`
    std::uint32_t world = 1;  ///< ranks that share a batch, at most `batch`
    bool may_be_empty = false;  ///< true: an iteration without a row is no error (window_range.h)
};

/// The next row of a lane. A lane that has just dealt a window's last row stands behind that, in the same
/// window.
struct Cursor {
    std::uint64_t window = 0;
    std::uint64_t row = 0;
    bool operator==(const Cursor&) const = default;
};

/// A stream after `step` batches. Whole: the cursors of all lanes are known.
struct State {
    std::uint64_t step = 0;
    std::uint64_t epoch = 0;
    std::vector<Cursor> cursors;  ///< one a lane, all in `epoch`
    bool ended = false;           ///< a last batch that could not be filled from the iteration has been given
    bool operator==(const State&) const = default;
};

/// The state before the first batch of an iteration that begins with `epoch`. [any-thread]
/// Throws base::Failure (config) where the shape is not one: see check_shape.
State start(const Shape& shape, std::uint64_t epoch = 0);

/// Throws base::Failure (config) that names the key: no batch, lanes that do not divide the batch or are more
/// than the windows, a rank or world out of range, an iteration of no epoch or no step. [any-thread]
void check_shape(const Shape& shape);

/// Throws base::Failure (config) where `state` cannot be one of `shape`: another number of lanes, a cursor
/// that stands in another lane's window or behind the last one. [any-thread]
void check_state(const Shape& shape, const State& state);

/// Whether no step after `state` takes a row of this window. `rows`: how many it makes. [any-thread]
bool is_spent(const State& state, std::uint64_t epoch, std::uint64_t window, std::uint64_t rows);

}  // namespace embedloom::loom
