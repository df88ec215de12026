// Reads a BERT-type tokenizer.json of Hugging Face tokenizers.
#pragma once

#include <string_view>

#include "wordpiece_spec.h"

namespace embedloom::plugins {

/// What the file says. Understood: model WordPiece; normalizer null, BertNormalizer, NFD, StripAccents,
/// Lowercase or a Sequence of these; pre_tokenizer BertPreTokenizer; decoder null or WordPiece;
/// post_processor null, BertProcessing or TemplateProcessing, for the ids of special tokens only; truncation
/// and padding are left to other stages. Anything else, an unknown field too, is refused by name: it would
/// change ids. Throws LoadFailure.
WordPieceSpec read_tokenizer_json(std::string_view bytes);

}  // namespace embedloom::plugins
