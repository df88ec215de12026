// How two texts that are too long together are shortened to a budget of tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace embedloom::plugins {

enum class Truncation { longest_first, longest_first_google, only_first, only_second, none };

/// The word of a config; the caller has checked that it is one of them.
Truncation truncation_of(std::string_view word);

/// Tokens of the first and of the second text.
struct PairLengths {
    std::uint64_t first, second;
    bool operator==(const PairLengths&) const = default;
};

/// What is kept of the fronts of two texts so that first + second <= budget; nothing when the rule cannot do it.
///   longest_first         as Hugging Face tokenizers (truncation.rs): the short text keeps all if the rest fits, else both
///                         get half, the odd token to the longer one, to the second when they are equal.
///   longest_first_google  as google-research/bert (_truncate_seq_pair): the longer one loses its last token until it fits;
///                         of two equal ones the second.
///   only_first, only_second  all from one text, which must keep at least one token (as Hugging Face).
///   none                  too long is too long.
std::optional<PairLengths> shorten(PairLengths lengths, std::uint64_t budget, Truncation rule);

}  // namespace embedloom::plugins
