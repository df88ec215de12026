// The keys of the orders, and which blocks a window takes.
#include <embedloom/loom/order.h>

#include <algorithm>

namespace embedloom::loom {

namespace {

// Purposes of the loom's own keys. Stages' purposes are digests of their paths, so they do not meet these.
constexpr std::uint64_t purpose_records = 0x6C6F6F6D00000001;
constexpr std::uint64_t purpose_blocks = 0x6C6F6F6D00000002;
constexpr std::uint64_t purpose_within = 0x6C6F6F6D00000003;

}  // namespace

Permutation record_order(std::uint64_t seed, std::uint64_t epoch, std::uint64_t records) {
    return Permutation(el_key_for(seed, epoch, 0, purpose_records), records);
}

BlockOrder::BlockOrder(std::uint64_t seed, const Sizes& sizes)
    : seed_(seed),
      per_window_(std::max(sizes.blocks_per_window, 1u)),
      blocks_(cut_bytes(sizes.bytes, sizes.window_bytes / per_window_)) {}

std::uint64_t BlockOrder::windows() const {
    return Windows{.items = blocks_.count(), .size = per_window_}.count();
}

std::vector<std::uint64_t> BlockOrder::block_numbers(std::uint64_t epoch, std::uint64_t window) const {
    const Permutation order(el_key_for(seed_, epoch, 0, purpose_blocks), blocks_.count());
    const Range positions = Windows{.items = blocks_.count(), .size = per_window_}.range(window);
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t at = positions.begin; at < positions.end; ++at) numbers.push_back(order.at(at));
    return numbers;
}

std::vector<Range> BlockOrder::ranges(std::uint64_t epoch, std::uint64_t window) const {
    std::vector<Range> ranges;
    for (const std::uint64_t block : block_numbers(epoch, window)) ranges.push_back(blocks_.range(block));
    return ranges;
}

Permutation BlockOrder::within(std::uint64_t epoch, std::uint64_t window, std::uint64_t records) const {
    return Permutation(el_key_for(seed_, epoch, window, purpose_within), records);
}

}  // namespace embedloom::loom
