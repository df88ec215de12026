// What is kept to go on later: the state of a stream with whose it is, what it belongs to, and the counters
// so far.
#pragma once

#include <embedloom/loom/ledger.h>
#include <embedloom/loom/state.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::loom {

/// A state as a rank knows it after the last batch that it handed out. Where row counts are known it is
/// whole, and good for any number of ranks; otherwise a rank knows the cursors of the lanes it makes, and the
/// states of all ranks merge.
struct Checkpoint {
    State state;
    std::vector<bool> known;            ///< one a lane: whether its cursor is; empty: all are
    std::optional<std::uint32_t> rank;  ///< whose it is; none: of all ranks, merged
    std::uint32_t world = 1;            ///< ranks when it was taken
    std::string fingerprint;            ///< of data, plugins, config: up to 256 of letters, digits, "-_.:+/="
    Ledger ledger;

    bool is_whole() const;
    bool operator==(const Checkpoint&) const = default;
};

/// One line of JSON, below 4 KiB for 64 lanes. [any-thread]
std::string to_json(const Checkpoint& checkpoint);

/// Reads what to_json writes; spaces and another order of keys are allowed, nothing else is: an unknown,
/// missing or repeated key, a number that is not a whole one below 2^62, text behind the end, or a check that is not
/// that of the rest (a digit was changed) throws base::Failure (bad_data) with the byte. Texts above 1 MiB are refused. [any-thread]
Checkpoint checkpoint_from_json(std::string_view text);

/// The whole of the states of all ranks of one step, in any order; ledgers add up. Throws base::Failure
/// (config) that names what does not fit: other steps, fingerprints or worlds, a rank that is missing or
/// comes twice, cursors that differ, lanes that no rank knows. [any-thread]
Checkpoint merge(std::span<const Checkpoint> checkpoints);

/// Throws base::Failure (config) unless a stream of this shape and fingerprint can go on from it: another
/// fingerprint, a part at another world or rank, what check_state refuses. [any-thread]
void check_resume(const Checkpoint& checkpoint, const Shape& shape, std::string_view fingerprint);

/// The counters with which the shape's rank goes on, so that later sums count nothing twice: its own; those
/// of merged ones go to rank 0. [any-thread]
Ledger ledger_of_rank(const Checkpoint& checkpoint, const Shape& shape);

}  // namespace embedloom::loom
