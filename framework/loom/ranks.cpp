// Shares of ranks are contiguous rows; a border within a lane's rows makes two ranks need the same windows.
#include <embedloom/loom/ranks.h>

#include <algorithm>
#include <tuple>

namespace embedloom::loom {

namespace {

/// How many borders between ranks fall within the rows of a lane.
std::uint32_t borders_within(const Shape& shape, std::uint32_t lanes) {
    const std::uint64_t quota = shape.batch / lanes;
    std::uint32_t within = 0;
    for (std::uint32_t rank = 1; rank < shape.world; ++rank)
        within += share(shape.batch, rank, shape.world).begin % quota != 0;
    return within;
}

/// Whether `lanes` is allowed and no border falls within one.
bool is_free(const Shape& shape, std::int64_t signed_lanes) {
    const auto lanes = static_cast<std::uint64_t>(std::max<std::int64_t>(signed_lanes, 0));
    const bool allowed = lanes >= 1 && lanes <= shape.windows && shape.batch % lanes == 0;
    return allowed && borders_within(shape, static_cast<std::uint32_t>(lanes)) == 0;
}

}  // namespace

RowRange share(std::uint64_t rows, std::uint32_t rank, std::uint32_t world) {
    return {.begin = rank * rows / world, .end = (std::uint64_t{rank} + 1) * rows / world};
}

std::vector<Need> windows_of(std::span<const Place> places) {
    struct Use {
        std::uint64_t epoch, window;
        std::size_t at;
    };
    std::vector<Use> uses;
    for (const Place& place : places)
        if (uses.empty() || uses.back().epoch != place.epoch || uses.back().window != place.window)
            uses.push_back({place.epoch, place.window, uses.size()});
    const auto by_window = [](const Use& use) { return std::tuple(use.epoch, use.window, use.at); };
    std::ranges::sort(uses, {}, by_window);
    const auto same = [](const Use& a, const Use& b) { return a.epoch == b.epoch && a.window == b.window; };
    uses.erase(std::unique(uses.begin(), uses.end(), same), uses.end());
    std::ranges::sort(uses, {}, &Use::at);
    std::vector<Need> windows;
    for (const Use& use : uses) windows.push_back({.epoch = use.epoch, .window = use.window});
    return windows;
}

SharedLanes shared_lanes(const Shape& shape) {
    SharedLanes cost{.extra = double(borders_within(shape, shape.lanes)) / shape.lanes};
    if (cost.extra == 0) return cost;
    for (std::int64_t away = 1; away < shape.batch; ++away)
        for (const std::int64_t lanes : {shape.lanes + away, shape.lanes - away})
            if (is_free(shape, lanes)) {
                cost.better = static_cast<std::uint32_t>(lanes);
                return cost;
            }
    return cost;
}

}  // namespace embedloom::loom
