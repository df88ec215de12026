// Where counts are known: how long a stream is, and its state at any step, without dealing row by row.
#pragma once

#include <embedloom/loom/row_counts.h>
#include <embedloom/loom/state.h>

#include <cstdint>
#include <optional>

namespace embedloom::loom {

struct Extent {
    std::uint64_t steps = 0;
    std::uint64_t last_rows = 0;  ///< of the last batch, over all ranks
};

/// How long the whole iteration is that begins with `epoch`; nothing where it is endless. [any-thread] Cost: a look at
/// the count of each epoch. Throws what Dealer throws, and base::Failure (internal) for a missing count.
std::optional<Extent> extent(const Shape& shape, const RowCounts& counts, std::uint64_t epoch = 0);

/// The state after `step` batches of the iteration that begins with `epoch`: equal to dealing them one by
/// one. Cost: a look at each window's count, and at each lane for the steps in which lanes run dry.
/// [any-thread] Throws as extent; base::Failure (config) where the iteration is shorter.
State state_at(const Shape& shape, const RowCounts& counts, std::uint64_t step, std::uint64_t epoch = 0);

}  // namespace embedloom::loom
