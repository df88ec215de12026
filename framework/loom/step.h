// Which rows make the next global batch, and the state after it: the stream's law, one step at a time.
#pragma once

#include <embedloom/loom/row_counts.h>
#include <embedloom/loom/state.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace embedloom::loom {

/// One row: the `row`-th of what `window` makes in `epoch`.
struct Place {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    std::uint64_t row = 0;
    bool operator==(const Place&) const = default;
};

/// A global batch: Shape::batch rows, fewer only in a last short one.
struct Step {
    std::vector<Place> places;  ///< the batch's rows in their order; a rank takes its share (ranks.h)
    State after;
    std::uint64_t repeats = 0;  ///< how many of the last rows are repeats (Tail::wrap)
};

/// The step cannot be fixed before it is known how many rows this window makes.
struct Need {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    bool operator==(const Need&) const = default;
};

/// The iteration is over.
struct End {
    std::uint64_t rows_cut = 0;  ///< rows that Tail::drop leaves out
    bool operator==(const End&) const = default;
};

using StepResult = std::variant<Step, Need, End>;

/// Deals step after step. What it has dealt when a count is missing is kept, so each row and window is looked
/// at once.
///   Dealer dealer(shape, state);
///   for (;;) { StepResult next = dealer.advance(counts); ... }   // Need: learn the count, call again
/// One thread at a time. Memory: a batch of places.
class Dealer {
  public:
    /// Throws base::Failure (config) where shape or state are none: check_shape, check_state.
    Dealer(const Shape& shape, State state);

    /// The next step, what is needed for it, or the end. Errors by law, base::Failure (bad_data or config),
    /// again at every further call: an epoch without a row; Tail::drop and not one full batch; a cursor
    /// behind its window's last row.
    StepResult advance(const RowCounts& counts);

    /// The state after the last step that was given.
    const State& state() const { return state_; }

    /// After an End by Tail::drop the rows that it leaves out; nothing otherwise. Until the next call.
    std::span<const Place> left_out() const;

  private:
    enum class Phase { quotas, rounds, epoch_dealt, complete };
    enum class Found { row, dry, need };

    /// A lane within the step: `cursor` is behind the last row it dealt, `window` and `row` are where it
    /// looks next.
    struct Lane {
        Cursor cursor;
        std::uint64_t window = 0;
        std::uint64_t row = 0;
        std::uint64_t rows = 0;
        bool counted = false;  // `rows` is that of `window`
    };

    void begin_step();
    void begin_epoch(std::uint64_t epoch);
    void begin_rounds();
    Found look(Lane& lane, const RowCounts& counts);
    void take(Lane& lane, std::uint64_t rows);
    bool deal_quotas(const RowCounts& counts);
    bool deal_rounds(const RowCounts& counts);
    bool end_epoch();
    void count_empty_epoch();
    StepResult finish();
    State after() const;

    Shape shape_;
    State state_;
    std::vector<Lane> lanes_;
    std::vector<Place> places_;
    std::vector<std::uint32_t> live_;  // lanes that may still have rows in this round
    Need need_;
    Phase phase_ = Phase::quotas;
    std::uint64_t epoch_ = 0;
    std::uint32_t turn_ = 0;   // quotas: the lane; rounds: the index in live_
    std::uint32_t kept_ = 0;   // rounds: lanes of live_ that had a row
    std::uint32_t taken_ = 0;  // quotas: rows of lane turn_
    std::uint32_t empty_epochs_ = 0;
    std::size_t dealt_before_ = 0;  // places before this epoch
    bool wrapping_ = false;
    State ended_;            // wrapping: the state after
    std::size_t real_ = 0;   // wrapping: rows that are no repeats
    bool begun_ = false;
};

/// The step after `state`: Dealer for one step.
StepResult next_step(const Shape& shape, const State& state, const RowCounts& counts);

}  // namespace embedloom::loom
