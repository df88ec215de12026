// Rows ahead of each lane: counted where a window has been made, the mean where it has not.
#include <embedloom/base/error.h>
#include <embedloom/loom/planner.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace embedloom::loom {

namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

}  // namespace

WindowPlanner::WindowPlanner(const Shape& shape, const State& state, double guess)
    : shape_(shape), state_(state), guess_(guess) {
    check_shape(shape_);
    check_state(shape_, state_);
    epochs_.push_back(make_epoch(state_.epoch));
    for (std::size_t lane = 0; lane < state_.cursors.size(); ++lane) {
        epochs_.front().lanes[lane].first = state_.cursors[lane].window;
        epochs_.front().lanes[lane].dealt = state_.cursors[lane].row;
    }
}

std::optional<Grant> WindowPlanner::next() {
    if (state_.ended || (shape_.steps && state_.step >= *shape_.steps)) return std::nullopt;
    for (;;) {
        double wanted = wanted_rows();
        for (Epoch& epoch : epochs_) {
            if (Lane* lane = wanted > 0 ? driest_lane(epoch, wanted) : nullptr) return take(epoch, *lane);
            wanted -= rows_ahead(epoch);
        }
        if (wanted <= 0 || !has_next_epoch()) return std::nullopt;
        epochs_.push_back(make_epoch(epochs_.back().number + 1));
    }
}

std::optional<Grant> WindowPlanner::grant(const Need& need) {
    while (epochs_.back().number < need.epoch) epochs_.push_back(make_epoch(epochs_.back().number + 1));
    Epoch* epoch = find(need.epoch);
    if (!epoch) return std::nullopt;
    Lane& lane = epoch->lanes[need.window % shape_.lanes];
    if (need.window < next_window(lane)) return std::nullopt;
    if (need.window > next_window(lane))
        throw base::Failure(base::Error{.stage = "plan", .found = "a need that skips windows of its lane"});
    return take(*epoch, lane);
}

void WindowPlanner::made(std::uint64_t epoch, std::uint64_t window, std::uint64_t rows) {
    made_windows_ += 1;
    made_rows_ += rows;
    Epoch* found = find(epoch);
    if (!found) return;
    Lane& lane = found->lanes[window % shape_.lanes];
    if (window < lane.first || window >= next_window(lane)) return;
    auto& count = lane.windows[(window - lane.first) / shape_.lanes];
    if (count) return;
    count = rows;
    lane.rows += rows;
    lane.unmade -= 1;
}

void WindowPlanner::dealt(const State& after) {
    state_ = after;
    while (!epochs_.empty() && epochs_.front().number < after.epoch) epochs_.pop_front();
    if (epochs_.empty()) epochs_.push_back(make_epoch(after.epoch));
    for (std::size_t i = 0; i < after.cursors.size(); ++i) {
        Lane& lane = epochs_.front().lanes[i];
        for (; lane.first < after.cursors[i].window; lane.first += shape_.lanes) {
            if (lane.windows.empty()) continue;
            lane.rows -= lane.windows.front().value_or(0);
            lane.unmade -= !lane.windows.front();
            lane.windows.pop_front();
        }
        lane.dealt = after.cursors[i].row;
    }
}

bool WindowPlanner::is_granted(std::uint64_t epoch, std::uint64_t window) const {
    if (epoch < epochs_.front().number) return true;
    const std::uint64_t at = epoch - epochs_.front().number;
    return at < epochs_.size() && window < next_window(epochs_[at].lanes[window % shape_.lanes]);
}

/// The first of the lane's windows that is not granted.
std::uint64_t WindowPlanner::next_window(const Lane& lane) const {
    return lane.first + lane.windows.size() * shape_.lanes;
}

double WindowPlanner::rows_ahead(const Lane& lane) const {
    if (lane.windows.empty()) return 0;
    const double mean = made_windows_ ? double(made_rows_) / double(made_windows_) : guess_;
    const bool made = lane.windows.front().has_value();
    // a window has at least the rows that were dealt of it
    const double dealt = made ? double(lane.dealt) : std::min(double(lane.dealt), mean);
    return double(lane.rows) + double(lane.unmade) * mean - dealt;
}

double WindowPlanner::rows_ahead(const Epoch& epoch) const {
    double rows = 0;
    for (const Lane& lane : epoch.lanes) rows += rows_ahead(lane);
    return rows;
}

/// Rows that all steps from now on can use.
double WindowPlanner::wanted_rows() const {
    double wanted = no_limit;
    if (shape_.steps) wanted = double(*shape_.steps - state_.step) * shape_.batch;
    if (!shape_.epochs || epochs_.back().number < *shape_.epochs) return wanted;
    double left = 0;  // the wrap is planned: of the iteration itself all is made
    for (const Epoch& epoch : epochs_)
        if (epoch.number < *shape_.epochs) left += rows_ahead(epoch);
    return std::min(wanted, std::ceil(left / shape_.batch) * shape_.batch);
}

bool WindowPlanner::is_drier(const Lane& lane, const Lane* than) const {
    if (!than) return true;
    const double ahead = rows_ahead(lane), other = rows_ahead(*than);
    return ahead != other ? ahead < other : lane.windows.size() < than->windows.size();
}

/// The lane to go on with, so that the epoch gives `wanted` rows; nothing where it does, or all its windows
/// are granted.
WindowPlanner::Lane* WindowPlanner::driest_lane(Epoch& epoch, double wanted) {
    Lane* driest = nullptr;
    Lane* driest_short = nullptr;  // among the lanes that have less than their share of `wanted`
    double ahead = 0;
    const std::size_t lanes = epoch.lanes.size();
    for (std::size_t i = 0; i < lanes; ++i) {
        Lane& lane = epoch.lanes[i];
        const double rows = rows_ahead(lane);
        ahead += rows;
        if (next_window(lane) >= shape_.windows) continue;
        if (is_drier(lane, driest)) driest = &lane;
        const bool has_share = rows >= std::floor((wanted + double(lanes - 1 - i)) / double(lanes));
        if (!has_share && is_drier(lane, driest_short)) driest_short = &lane;
    }
    if (driest_short) return driest_short;
    return ahead < wanted ? driest : nullptr;
}

bool WindowPlanner::has_next_epoch() const {
    if (!shape_.epochs || epochs_.back().number + 1 < *shape_.epochs) return true;
    return shape_.tail == Tail::wrap && is_all_made();
}

bool WindowPlanner::is_all_made() const {
    return std::ranges::all_of(epochs_, [](const Epoch& epoch) {
        return std::ranges::all_of(epoch.lanes, [](const Lane& lane) { return lane.unmade == 0; });
    });
}

WindowPlanner::Epoch WindowPlanner::make_epoch(std::uint64_t number) const {
    Epoch epoch{.number = number, .lanes = std::vector<Lane>(shape_.lanes)};
    for (std::size_t lane = 0; lane < epoch.lanes.size(); ++lane) epoch.lanes[lane].first = lane;
    return epoch;
}

WindowPlanner::Epoch* WindowPlanner::find(std::uint64_t epoch) {
    const bool held = epoch >= epochs_.front().number && epoch <= epochs_.back().number;
    return held ? &epochs_[epoch - epochs_.front().number] : nullptr;
}

Grant WindowPlanner::take(const Epoch& epoch, Lane& lane) {
    const Grant grant{.epoch = epoch.number, .window = next_window(lane)};
    lane.windows.emplace_back();
    lane.unmade += 1;
    return grant;
}

}  // namespace embedloom::loom
