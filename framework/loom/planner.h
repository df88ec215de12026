// Which window to make next: the one whose lane runs dry first, by what is known and, for the rest, the mean.
#pragma once

#include <embedloom/loom/step.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace embedloom::loom {

/// A window that should be made now.
struct Grant {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    bool operator==(const Grant&) const = default;
};

/// Grants windows ahead of the stream, each once, in a lane one after the other: those of the lane with the
/// fewest rows ahead first, then the next epoch's. It grants nothing behind the iteration's end, but what
/// Tail::wrap will repeat once the number of rows that are left is known, and no more than `Shape::steps` can
/// use. It only guesses: a window that a step needs and that was not granted is had by `grant`. [serial].
/// Cost: a look at each lane for a grant. Memory: what is granted and not yet dealt.
class WindowPlanner {
  public:
    /// From `state` on. `guess`: rows of a window until one has been made; the mean of those made,
    /// thereafter.
    WindowPlanner(const Shape& shape, const State& state, double guess = 1);

    /// The next window to make, or nothing as long as nothing more is wanted: made() and dealt() may change
    /// that.
    std::optional<Grant> next();

    /// Grants this window unless it has been: nothing then. For what a step needs: the next window of its
    /// lane.
    std::optional<Grant> grant(const Need& need);

    /// A granted window has been made and has so many rows.
    void made(std::uint64_t epoch, std::uint64_t window, std::uint64_t rows);

    /// The stream has gone on to this state.
    void dealt(const State& after);

    bool is_granted(std::uint64_t epoch, std::uint64_t window) const;

  private:
    /// A lane of an epoch: windows from `first` on, in steps of the number of lanes, are granted.
    struct Lane {
        std::uint64_t first = 0;
        std::uint64_t dealt = 0;  // rows of window `first` that are gone
        std::deque<std::optional<std::uint64_t>> windows;
        std::uint64_t rows = 0;    // of those that are made
        std::uint64_t unmade = 0;  // how many are not
    };
    struct Epoch {
        std::uint64_t number = 0;
        std::vector<Lane> lanes;
    };

    std::uint64_t next_window(const Lane& lane) const;
    double rows_ahead(const Lane& lane) const;
    double rows_ahead(const Epoch& epoch) const;
    double wanted_rows() const;
    bool is_drier(const Lane& lane, const Lane* than) const;
    Lane* driest_lane(Epoch& epoch, double wanted);
    bool has_next_epoch() const;
    bool is_all_made() const;
    Epoch make_epoch(std::uint64_t number) const;
    Epoch* find(std::uint64_t epoch);
    Grant take(const Epoch& epoch, Lane& lane);

    Shape shape_;
    State state_;
    std::deque<Epoch> epochs_;  // consecutive, from state_.epoch on
    double guess_;
    std::uint64_t made_windows_ = 0;
    std::uint64_t made_rows_ = 0;
};

}  // namespace embedloom::loom
