// In which order an epoch takes the records: the files', an exact permutation of all, or blocks from many
// places.
#pragma once

#include <embedloom/loom/permutation.h>
#include <embedloom/loom/windows.h>

#include <cstdint>
#include <vector>

namespace embedloom::loom {

/// The order of an epoch's records, where an index lists them: an exact permutation, keyed by (seed, epoch).
Permutation record_order(std::uint64_t seed, std::uint64_t epoch, std::uint64_t records);

/// An order for data too large to index. A window takes several small blocks of bytes, from places that a
/// permutation of all blocks keyed by (seed, epoch) chooses, and permutes the records that start in them.
/// Better mixed with more blocks to a window, at the cost of that many reads. Const calls: [any-thread].
class BlockOrder {
  public:
    /// What the blocks follow from.
    struct Sizes {
        std::uint64_t bytes = 0;  ///< of all files laid end to end
        std::uint64_t window_bytes = std::uint64_t{1} << 16;
        std::uint32_t blocks_per_window = 8;  ///< at least 1
    };

    BlockOrder(std::uint64_t seed, const Sizes& sizes);

    /// Windows of an epoch.
    std::uint64_t windows() const;
    std::uint64_t blocks() const { return blocks_.count(); }
    std::uint32_t blocks_per_window() const { return per_window_; }

    /// The byte ranges of a window's blocks, in the order in which their records are read. A window's records
    /// are those that start in one of them.
    std::vector<Range> ranges(std::uint64_t epoch, std::uint64_t window) const;

    /// How a window's records, counted in the order of ranges(), are permuted: at(i) is the i-th record's
    /// number.
    Permutation within(std::uint64_t epoch, std::uint64_t window, std::uint64_t records) const;

    /// The bytes of a block. `block` is below blocks().
    Range range(std::uint64_t block) const { return blocks_.range(block); }

    /// The numbers of a window's blocks: what ranges() says in bytes.
    std::vector<std::uint64_t> block_numbers(std::uint64_t epoch, std::uint64_t window) const;

  private:
    std::uint64_t seed_;
    std::uint32_t per_window_;
    Windows blocks_;
};

}  // namespace embedloom::loom
