// Tokens that records come with, put where those of a tokenizer would be.
#pragma once

#include <embedloom/host/columns.h>
#include <embedloom/host/outcome.h>

#include <span>
#include <string>

namespace embedloom::run {

struct GivenTokens {
    const host::Columns& read;               ///< of a source
    std::uint32_t field;                     ///< of type EL_FIELD_TOKENS
    const std::string& name;                 ///< of the field, for messages
    std::span<const std::uint32_t> places;   ///< of the records that are wanted
    std::uint32_t wanted;                    ///< tokens of each at most; EL_NONE: all
    std::uint32_t vocab_size;
};

/// Columns EL_ENCODE_RESULTS and EL_ENCODE_IDS, an item a place, as an encode call leaves them. A record with a token that the
/// vocabulary has no id for gets a code and a problem that names the token, whether or not it is among the wanted ones. [any-thread]
host::Outcome take_tokens(const GivenTokens& given, host::Columns& out);

}  // namespace embedloom::run
