// How far a run is, and the ledger of its records: nothing is ever lost in silence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::run {

/// read = emitted + filtered + skipped + quarantined + cut_at_tail + pending, at every moment (stream.md, "The ledger").
/// Unit: records.
struct Ledger {
    std::uint64_t read = 0;
    std::uint64_t emitted = 0;      ///< in batches that were handed out
    std::uint64_t filtered = 0;     ///< dropped by a stage on purpose
    std::uint64_t skipped = 0;      ///< bad, on_error: skip
    std::uint64_t quarantined = 0;  ///< bad, on_error: quarantine
    std::uint64_t cut_at_tail = 0;  ///< left over at the end, tail: drop
    std::uint64_t pending = 0;      ///< made into rows that no batch has taken yet
    std::uint64_t repeats = 0;      ///< rows dealt again, tail: wrap; not part of the sum
    std::uint64_t passed_over = 0;  ///< blank lines: no records

    bool balances() const {
        return read == emitted + filtered + skipped + quarantined + cut_at_tail + pending;
    }
};

/// A snapshot of a run.
struct Progress {
    Ledger ledger;
    std::uint64_t batches = 0;
    std::uint64_t rows = 0;
    std::uint64_t tokens = 0;        ///< without pads, in batches handed out
    std::uint64_t padded_tokens = 0; ///< rows * S
    std::uint64_t text_bytes = 0;    ///< of the records read
    std::optional<double> share;     ///< of the run that is done, 0 to 1, where it is known
    std::vector<std::uint64_t> stage_nanoseconds;  ///< work of each of stage_names(), summed over threads
    std::uint64_t wait_nanoseconds = 0;            ///< next() waited for the engine
};

/// The stages of stage_nanoseconds: read, tokenize, segment, objective, collate, embed.
const std::vector<std::string>& stage_names();

}  // namespace embedloom::run
