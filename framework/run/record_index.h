// Where the records of a source start: what exact shuffles and counts need.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace embedloom::run {

/// Starts of all records in order, in a little over 4 bytes each: a block of 64 keeps its first start whole and the others as
/// distances from it. Const calls [any-thread].
class RecordIndex {
  public:
    /// Starts must ascend from call to call.
    void append(std::span<const std::uint64_t> starts);

    std::uint64_t size() const { return size_; }
    std::uint64_t start(std::uint64_t record) const;

  private:
    static constexpr std::uint64_t block_records = 64;
    struct WideBlock {
        std::uint64_t block;
        std::vector<std::uint64_t> starts;
    };
    std::uint64_t size_ = 0;
    std::vector<std::uint64_t> firsts_;       // of each block
    std::vector<std::uint32_t> distances_;    // of each record from its block's first
    std::vector<WideBlock> wide_;             // blocks whose distances do not fit 32 bits, ascending
};

}  // namespace embedloom::run
