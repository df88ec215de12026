// How far a run is, and the ledger of its records: nothing is ever lost in silence.
#pragma once

#include <embedloom/loom/ledger.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::run {

/// A snapshot of a run.
struct Progress {
    loom::Ledger ledger;
    std::uint64_t passed_over = 0;   ///< blank lines, which are no records, that an index scan met
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
