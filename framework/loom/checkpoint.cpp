// Merging the states of ranks, and refusing what a stream cannot go on from.
#include <embedloom/base/error.h>
#include <embedloom/loom/checkpoint.h>

#include <algorithm>
#include <utility>

namespace embedloom::loom {

namespace {

using std::to_string;

[[noreturn]] void refuse(std::string found, std::string expected, std::string hint = "") {
    throw base::Failure({.code = base::Code::config,
                         .key_path = "state",
                         .found = std::move(found),
                         .expected = std::move(expected),
                         .hint = std::move(hint)});
}

bool is_known(const Checkpoint& checkpoint, std::size_t lane) {
    return checkpoint.known.empty() || checkpoint.known[lane];
}

std::string unknown_lanes(const Checkpoint& checkpoint) {
    std::string lanes;
    for (std::size_t lane = 0; lane < checkpoint.known.size(); ++lane)
        if (!checkpoint.known[lane]) lanes += (lanes.empty() ? "" : ", ") + to_string(lane);
    return lanes;
}

std::string of_rank(const Checkpoint& checkpoint) {
    return checkpoint.rank ? "the state of rank " + to_string(*checkpoint.rank) : "a merged state";
}

/// Whether both are of one step of one stream.
void check_same_step(const Checkpoint& first, const Checkpoint& other) {
    const auto differ = [&](const char* what, const std::string& a, const std::string& b) {
        if (a == b) return;
        refuse(of_rank(other) + " with " + what + " " + b,
               std::string(what) + " " + a + ", as in " + of_rank(first),
               "merge states that all ranks took after the same step");
    };
    differ("fingerprint", first.fingerprint, other.fingerprint);
    differ("world size", to_string(first.world), to_string(other.world));
    differ("step", to_string(first.state.step), to_string(other.state.step));
    differ("epoch", to_string(first.state.epoch), to_string(other.state.epoch));
    differ("lanes", to_string(first.state.cursors.size()), to_string(other.state.cursors.size()));
    differ("ended", to_string(first.state.ended), to_string(other.state.ended));
}

void check_ranks(std::span<const Checkpoint> checkpoints) {
    std::vector<bool> seen(checkpoints.front().world);
    for (const Checkpoint& checkpoint : checkpoints) {
        if (!checkpoint.rank) refuse("a merged state", "the states of single ranks");
        if (*checkpoint.rank >= seen.size())
            refuse(of_rank(checkpoint), "ranks below the world size " + to_string(seen.size()));
        if (seen[*checkpoint.rank]) refuse(of_rank(checkpoint) + " twice", "each rank once");
        seen[*checkpoint.rank] = true;
    }
    const auto missing = std::ranges::find(seen, false);
    if (missing != seen.end())
        refuse("no state of rank " + to_string(missing - seen.begin()),
               "the states of all " + to_string(seen.size()) + " ranks");
}

/// Takes over the cursors that `other` knows.
void merge_cursors(Checkpoint& whole, const Checkpoint& other) {
    for (std::size_t lane = 0; lane < whole.state.cursors.size(); ++lane) {
        if (!is_known(other, lane)) continue;
        const Cursor& cursor = other.state.cursors[lane];
        if (whole.known[lane] && whole.state.cursors[lane] != cursor)
            refuse(of_rank(other) + " with another cursor of lane " + to_string(lane),
                   "the same in all ranks' states");
        whole.state.cursors[lane] = cursor;
        whole.known[lane] = true;
    }
}

}  // namespace

bool Checkpoint::is_whole() const { return std::ranges::find(known, false) == known.end(); }

Checkpoint merge(std::span<const Checkpoint> checkpoints) {
    if (checkpoints.empty()) refuse("no state", "the states of all ranks");
    Checkpoint whole = checkpoints.front();
    whole.rank = std::nullopt;
    whole.ledger = {};
    whole.known.assign(whole.state.cursors.size(), false);
    for (const Checkpoint& checkpoint : checkpoints) check_same_step(checkpoints.front(), checkpoint);
    check_ranks(checkpoints);
    for (const Checkpoint& checkpoint : checkpoints) {
        merge_cursors(whole, checkpoint);
        whole.ledger.merge(checkpoint.ledger);
    }
    if (!whole.is_whole())
        refuse("lanes that no rank knows: " + unknown_lanes(whole), "a cursor for each lane");
    whole.known.clear();
    return whole;
}

void check_resume(const Checkpoint& checkpoint, const Shape& shape, std::string_view fingerprint) {
    if (checkpoint.fingerprint != fingerprint)
        refuse("fingerprint " + checkpoint.fingerprint, std::string(fingerprint),
               "the state belongs to other data, plugins or another config");
    if (!checkpoint.is_whole() && (checkpoint.world != shape.world || checkpoint.rank != shape.rank))
        refuse(of_rank(checkpoint) + " of " + to_string(checkpoint.world) + ", which does not know lanes " +
                   unknown_lanes(checkpoint),
               "a whole state for rank " + to_string(shape.rank) + " of " + to_string(shape.world),
               "merge the states of all ranks first");
    State known = checkpoint.state;
    for (std::size_t lane = 0; lane < checkpoint.known.size(); ++lane)
        if (!checkpoint.known[lane]) known.cursors[lane] = {.window = lane};
    check_state(shape, known);
}

Ledger ledger_of_rank(const Checkpoint& checkpoint, const Shape& shape) {
    return checkpoint.rank.value_or(0) == shape.rank ? checkpoint.ledger : Ledger{};
}

}  // namespace embedloom::loom
