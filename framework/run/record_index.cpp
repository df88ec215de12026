// Packing of record starts.
#include <embedloom/run/record_index.h>

#include <algorithm>
#include <limits>

namespace embedloom::run {

void RecordIndex::append(std::span<const std::uint64_t> starts) {
    for (const std::uint64_t start : starts) {
        const std::uint64_t block = size_ / block_records;
        if (size_ % block_records == 0) firsts_.push_back(start);
        const std::uint64_t distance = start - firsts_[block];
        const bool wide_already = !wide_.empty() && wide_.back().block == block;
        if (distance > std::numeric_limits<std::uint32_t>::max() && !wide_already) {
            wide_.push_back({block, {}});
            for (std::uint64_t i = block * block_records; i < size_; ++i)
                wide_.back().starts.push_back(firsts_[block] + distances_[i]);
        }
        if (!wide_.empty() && wide_.back().block == block) wide_.back().starts.push_back(start);
        distances_.push_back(static_cast<std::uint32_t>(distance));
        ++size_;
    }
}

std::uint64_t RecordIndex::start(std::uint64_t record) const {
    const std::uint64_t block = record / block_records;
    const auto wide = std::lower_bound(wide_.begin(), wide_.end(), block,
                                       [](const WideBlock& a, std::uint64_t b) { return a.block < b; });
    if (wide != wide_.end() && wide->block == block) return wide->starts[record % block_records];
    return firsts_[block] + distances_[record];
}

}  // namespace embedloom::run
