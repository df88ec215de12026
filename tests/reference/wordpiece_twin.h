// WordPiece as plainly as it can be said: one pass after the other over whole texts. The fast encoder is held
// against it.
#pragma once

#include <string_view>

#include "tokenizer/common/wordpiece_spec.h"

namespace embedloom::reference {

/// A token: its id, the half-open bytes of the text that it stands for, and the number of its word.
struct TwinToken {
    std::uint32_t id, begin, end, word;
    bool operator==(const TwinToken&) const = default;
};

/// All tokens of a valid UTF-8 text, as Hugging Face tokenizers 0.22.2 gives them.
std::vector<TwinToken> wordpiece_twin(const plugins::WordPieceSpec& spec, std::string_view text);

}  // namespace embedloom::reference
