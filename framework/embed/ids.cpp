// Finds ids that no table row belongs to: whole stretches are judged at once, only a bad one closely.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "embedloom/embed/ids.cpp"
// clang-format off: must come first, it includes this file once for each instruction set
#include <hwy/foreach_target.h>
// clang-format on

#include <embedloom/embed/ids.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace embedloom::embed::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// `count` is a multiple of the stretch's registers. Smallest and largest id say all.
bool all_below(const std::int64_t* ids, std::size_t count, std::int64_t rows) {
    const hn::ScalableTag<std::int64_t> tag;
    const std::size_t lanes = hn::Lanes(tag);
    const auto limit = hn::Set(tag, rows);
    const auto zero = hn::Zero(tag);
    auto good = hn::Eq(zero, zero);
    for (std::size_t at = 0; at < count; at += lanes) {
        const auto id = hn::LoadU(tag, ids + at);
        good = hn::And(good, hn::AndNot(hn::Lt(id, zero), hn::Lt(id, limit)));
    }
    return hn::AllTrue(tag, good);
}

}  // namespace embedloom::embed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace embedloom::embed {

HWY_EXPORT(all_below);

std::optional<std::uint64_t> find_out_of_range(std::span<const std::int64_t> ids, std::uint64_t rows) {
    constexpr std::size_t stretch = 512;
    const auto limit =
        static_cast<std::int64_t>(std::min<std::uint64_t>(rows, std::numeric_limits<std::int64_t>::max()));
    for (std::size_t begin = 0; begin < ids.size(); begin += stretch) {
        const std::size_t count = std::min(stretch, ids.size() - begin);
        if (count == stretch && HWY_DYNAMIC_DISPATCH(all_below)(ids.data() + begin, count, limit)) continue;
        for (std::size_t at = begin; at < begin + count; ++at)
            if (ids[at] < 0 || ids[at] >= limit) return at;
    }
    return std::nullopt;
}

}  // namespace embedloom::embed
#endif
