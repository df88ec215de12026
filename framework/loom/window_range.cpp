// A range as a stream of its own: cursors begin at its first window, and the epoch ends behind its last.
#include <embedloom/base/error.h>
#include <embedloom/loom/window_range.h>

#include <string>

namespace embedloom::loom {

namespace {

using std::to_string;

constexpr std::uint64_t largest_epoch = (std::uint64_t{1} << 62) - 2;  // the one after it is still one (check_state)

[[noreturn]] void refuse(std::string found, std::string expected) {
    throw base::Failure({.code = base::Code::usage,
                         .key_path = "windows",
                         .found = std::move(found),
                         .expected = std::move(expected)});
}

void check_range(const Shape& whole, const WindowRange& range) {
    const Range& windows = range.windows;
    if (windows.begin >= windows.end || windows.end > whole.windows)
        refuse("windows " + to_string(windows.begin) + " up to " + to_string(windows.end),
               "one window at least, of the " + to_string(whole.windows) + " of an epoch");
    if (range.epoch > largest_epoch) refuse("epoch " + to_string(range.epoch), "below 2^62");
}

}  // namespace

Part part_of(const Shape& whole, const WindowRange& range) {
    check_shape(whole);
    check_range(whole, range);
    Part part;
    part.shape = {.windows = range.windows.end,
                  .lanes = 1,
                  .batch = whole.batch,
                  .epochs = range.epoch + 1,
                  .may_be_empty = true};
    part.start = start(part.shape, range.epoch);
    part.start.cursors.front().window = range.windows.begin;
    return part;
}

std::optional<std::uint64_t> rows_of(const WindowRange& range, const RowCounts& counts) {
    std::uint64_t sum = 0;
    for (std::uint64_t window = range.windows.begin; window < range.windows.end; ++window) {
        const auto rows = counts.rows(range.epoch, window);
        if (!rows) return std::nullopt;
        sum += *rows;
    }
    return sum;
}

}  // namespace embedloom::loom
