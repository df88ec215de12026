// What one rank of many takes of a global batch, and what that costs.
#pragma once

#include <embedloom/loom/step.h>
#include <embedloom/loom/windows.h>

#include <cstdint>
#include <span>
#include <vector>

namespace embedloom::loom {

/// Rows begin, ..., end - 1 of a batch.
using RowRange = Range;

/// The rows of `rank` among `world` ranks of a batch of `rows`: together they are the batch, and sizes are
/// apart by one at most. A rank of a last short batch may have none. `rows` below 2^32. [any-thread]
RowRange share(std::uint64_t rows, std::uint32_t rank, std::uint32_t world);

/// The windows that these rows come from, each once, in the order of their first rows: what a rank makes for
/// its share. [any-thread]
std::vector<Need> windows_of(std::span<const Place> places);

/// What it costs that two ranks share a lane, so that both make its windows.
struct SharedLanes {
    double extra = 0;          ///< windows made beyond each once, over each once: 0.25 = a quarter more
    std::uint32_t better = 0;  ///< nearest number of lanes with which nothing is made twice, or 0
};

/// Counted over a full batch in which no lane is dry. [any-thread]
SharedLanes shared_lanes(const Shape& shape);

}  // namespace embedloom::loom
