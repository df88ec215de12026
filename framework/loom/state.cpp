// The first state, and what cannot be a shape or a state.
#include <embedloom/base/error.h>
#include <embedloom/loom/lanes.h>
#include <embedloom/loom/state.h>

#include <string>

namespace embedloom::loom {

namespace {

using std::to_string;

// Arithmetic on windows, rows and epochs adds a batch or a lane count at most, so nothing wraps below this.
constexpr std::uint64_t largest_number = (std::uint64_t{1} << 62) - 1;

[[noreturn]] void refuse(std::string key_path, std::string found, std::string expected) {
    throw base::Failure({.code = base::Code::config,
                         .key_path = std::move(key_path),
                         .found = std::move(found),
                         .expected = std::move(expected)});
}

}  // namespace

void check_shape(const Shape& shape) {
    if (shape.batch == 0) refuse("batch.size", "0", "at least 1");
    if (shape.windows > largest_number)
        refuse("source", to_string(shape.windows) + " windows", "below 2^62");
    check_lanes(shape.lanes, {.batch = shape.batch, .windows = shape.windows});
    if (shape.epochs == 0u) refuse("run.epochs", "0", "at least 1");
    if (shape.steps == 0u) refuse("run.steps", "0", "at least 1");
    if (shape.world == 0 || shape.world > shape.batch)
        refuse("world_size", to_string(shape.world), "1 to batch.size, which is " + to_string(shape.batch));
    if (shape.rank >= shape.world)
        refuse("rank", to_string(shape.rank),
               "0 to " + to_string(shape.world - 1) + ", as world_size is " + to_string(shape.world));
}

State start(const Shape& shape, std::uint64_t epoch) {
    check_shape(shape);
    State state{.epoch = epoch};
    state.cursors.resize(shape.lanes);
    for (std::uint32_t lane = 0; lane < shape.lanes; ++lane) state.cursors[lane].window = lane;
    return state;
}

void check_state(const Shape& shape, const State& state) {
    const std::uint64_t lanes = state.cursors.size();
    if (lanes != shape.lanes)
        refuse("state", "a state of " + to_string(lanes) + " lanes", to_string(shape.lanes) + " lanes");
    if (state.epoch > largest_number || state.step > largest_number)
        refuse("state", "epoch " + to_string(state.epoch) + ", step " + to_string(state.step), "below 2^62");
    for (std::uint64_t lane = 0; lane < lanes; ++lane) {
        const Cursor& cursor = state.cursors[lane];
        const bool fits = cursor.window < shape.windows && cursor.window % lanes == lane;
        if (fits && cursor.row <= largest_number) continue;
        refuse("state",
               "lane " + to_string(lane) + " at row " + to_string(cursor.row) + " of window " +
                   to_string(cursor.window),
               "a window of the lane: " + to_string(lane) + ", " + to_string(lane + lanes) + ", ... below " +
                   to_string(shape.windows));
    }
}

bool is_spent(const State& state, std::uint64_t epoch, std::uint64_t window, std::uint64_t rows) {
    if (state.ended || epoch < state.epoch) return true;
    if (epoch > state.epoch) return rows == 0;
    const Cursor& cursor = state.cursors[window % state.cursors.size()];
    return window < cursor.window || rows == 0 || (window == cursor.window && cursor.row >= rows);
}

}  // namespace embedloom::loom
