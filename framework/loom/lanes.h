// How many lanes a stream has: the default, and which numbers are allowed.
#pragma once

#include <cstdint>

namespace embedloom::loom {

/// What bounds the number of lanes.
struct LaneLimits {
    std::uint32_t batch = 1;    ///< `batch.size`: lanes divide it
    std::uint64_t windows = 0;  ///< windows of an epoch: a lane has one at least
};

/// Throws base::Failure (config, `run.lanes`) that names the nearest allowed numbers, unless `lanes` divides
/// the batch and is at most the windows. [any-thread]
void check_lanes(std::uint32_t lanes, const LaneLimits& limits);

/// The half of it that needs no data: whether `lanes` divides the batch. [any-thread]
void check_divisor(std::uint32_t lanes, std::uint32_t batch);

/// What the default is chosen from.
struct LaneChoice {
    LaneLimits limits;
    bool file_order = false;         ///< `shuffle: false`: one lane, so that batches follow the files
    std::uint64_t window_bytes = 0;  ///< text of a window; the windows of all lanes are kept within 8 MiB
};

/// 1 in file order; else the largest divisor of the batch that is at most 64, at most the windows, and keeps
/// a window of each lane within 8 MiB of text (one at least). Throws as check_lanes where there is no window.
/// [any-thread]
std::uint32_t default_lanes(const LaneChoice& choice);

}  // namespace embedloom::loom
