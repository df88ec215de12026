// Sizes of windows, in exact arithmetic.
#include <embedloom/loom/windows.h>

#include <algorithm>

namespace embedloom::loom {

namespace {

__extension__ using Wide = unsigned __int128;  // window bytes times records does not fit 64 bits

}  // namespace

Range Windows::range(std::uint64_t window) const {
    const std::uint64_t begin = window * size;
    return {.begin = begin, .end = begin + std::min(size, items - begin)};
}

Windows cut_records(const RecordSizes& sizes) {
    const std::uint64_t most = std::max<std::uint64_t>(sizes.records, 1);
    if (sizes.bytes == 0) return {.items = sizes.records, .size = most};
    const Wide records = Wide{sizes.window_bytes} * sizes.records / sizes.bytes;
    return {.items = sizes.records, .size = static_cast<std::uint64_t>(std::clamp<Wide>(records, 1, most))};
}

Windows cut_bytes(std::uint64_t bytes, std::uint64_t window_bytes) {
    return {.items = bytes, .size = std::max<std::uint64_t>(window_bytes, 1)};
}

}  // namespace embedloom::loom
