// Which window a rank of many makes next: where all counts are known, those of its rows, in the order of use.
#pragma once

#include <embedloom/loom/planner.h>
#include <embedloom/loom/ranks.h>

#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace embedloom::loom {

/// Deals ahead of the stream and grants the windows of the rank's share, each once; to the first rank at last those too of
/// which Tail::drop leaves all rows out. How far ahead is up to the caller, who asks when it has room. [serial]. Memory: the
/// windows that are granted and not yet spent.
class SharePlanner {
  public:
    /// `counts` must know every window of the iteration, and outlive the planner.
    SharePlanner(const Shape& shape, const State& state, const RowCounts& counts);

    /// The next window to make; nothing at the end. Throws base::Failure (internal) where a count is not
    /// known, and what Dealer throws.
    std::optional<Grant> next();

  private:
    void deal_one();
    void want_left_out();
    void forget_spent();

    Shape shape_;
    const RowCounts& counts_;
    Dealer dealer_;
    std::deque<Grant> wanted_;
    std::set<std::pair<std::uint64_t, std::uint64_t>> granted_;  // (epoch, window)
    bool over_ = false;
};

}  // namespace embedloom::loom
