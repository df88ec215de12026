// What the stream's law calls an error, said in one place. For this room.
#pragma once

#include <cstdint>

namespace embedloom::loom {

// All throw base::Failure.

/// An epoch without a row, where there must be one.
[[noreturn]] void refuse_empty_epoch(std::uint64_t epoch);
/// Fewer rows than a batch in all, where the last batch that is not full is dropped.
[[noreturn]] void refuse_no_full_batch(std::uint64_t rows, std::uint32_t batch);

/// A state whose cursor stands behind the last row of its window.
[[noreturn]] void refuse_cursor(std::uint64_t window, std::uint64_t row, std::uint64_t rows);

/// A count that had to be known.
[[noreturn]] void refuse_unknown_count(std::uint64_t epoch, std::uint64_t window);

}  // namespace embedloom::loom
