// A story: a random stream with its mistakes, and what any engine must make of it, told by the slow and obvious way.
#pragma once

#include <embedloom/engine/engine.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace engine_test {

using namespace embedloom;
using engine::WindowId;

/// Rows of every window, and what goes wrong where. Everything follows from the seed.
struct Story {
    std::uint64_t seed = 0;
    loom::Shape shape;
    loom::State start;
    bool counts_known = false;
    std::uint32_t most_rows = 6;  ///< of a window
    std::uint32_t empty_percent = 20;
    std::set<WindowId> failing_windows;
    std::set<std::uint64_t> failing_opens;                             ///< steps
    std::set<std::pair<std::uint64_t, std::uint32_t>> failing_rows;  ///< (step, row of this rank's share)
    std::size_t most_batches = 60;                                     ///< after so many the caller stops asking

    std::uint32_t rows(WindowId id) const;
    std::uint64_t bytes(WindowId id) const { return 40 + 20 * rows(id); }
    std::string name() const { return "seed " + std::to_string(seed); }
};

/// Counts as a story has them.
class StoryCounts final : public loom::RowCounts {
  public:
    /// Without `failing`, the count of a failing window is not known, as it is never made.
    StoryCounts(const Story& story, bool with_failing) : story_(story), with_failing_(with_failing) {}
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override;

  private:
    const Story& story_;
    bool with_failing_;
};

/// A random story. Most have no mistakes; all kinds of shapes.
Story random_story(std::uint64_t seed);
/// The same with some failing windows, opens and rows.
Story with_mistakes(Story story);
/// With the tail dropped, and a mistake in some of the windows of which only the tail takes rows.
Story with_bad_tail(Story story);
/// Begins after a random batch.
Story resumed(Story story);

/// What a row holds: any two places differ.
std::uint64_t row_value(const loom::Place& place);

/// A batch as the caller sees it.
struct Seen {
    std::uint64_t step = 0;
    std::vector<std::uint64_t> values;
    std::uint32_t repeats = 0;
    loom::State after;
    bool operator==(const Seen&) const = default;
};

/// All that a caller sees of a run.
struct Told {
    std::vector<Seen> batches;
    std::string ending;  ///< "end, N cut", the error's line, or "" where the caller stopped asking
    bool operator==(const Told&) const = default;
};

/// What must come of it.
Told expected(const Story& story);

base::Error window_error(WindowId id);
base::Error open_error(std::uint64_t step);
base::Error row_error(std::uint64_t step, std::uint32_t row);
std::string end_text(std::uint64_t rows_cut);

/// A small number that depends on all of these and nothing else.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b, std::uint64_t c);

}  // namespace engine_test
