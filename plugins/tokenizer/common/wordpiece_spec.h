// What a vocab.txt or a tokenizer.json says about a WordPiece tokenizer, before anything is built from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::plugins {

/// A token that is looked for in the text itself, before words are made (an "added token").
struct AddedToken {
    std::string content;
    std::uint32_t id = 0;
    bool special = false;      ///< left out by decode on request; plain text on request
    bool single_word = false;  ///< matches only between characters that are not \w
    bool lstrip = false;       ///< takes the white space before it
    bool rstrip = false;       ///< takes the white space after it
    bool normalized = false;   ///< its normalized form is looked for in the normalized text
};

/// One pass over the text before it is cut into words, in the order given.
enum class NormalizerStep {
    clean,            ///< BertNormalizer clean_text
    part_ideographs,  ///< BertNormalizer handle_chinese_chars
    decompose,        ///< NFD
    drop_nonspacing,  ///< the second half of BertNormalizer strip_accents
    drop_combining,   ///< StripAccents
    lowercase,
};

/// How ids become text again: with a prefix, the WordPiece decoder; without, tokens joined with blanks.
struct DecoderSpec {
    std::optional<std::string> prefix = "##";
    bool cleanup = true;
};

/// The names of special tokens by role; empty: the role has none.
struct RoleNames {
    std::string unk = "[UNK]", cls = "[CLS]", sep = "[SEP]", pad = "[PAD]", mask = "[MASK]";
};

enum class SpecialText { token, text };  ///< what special tokens written in the data are

struct WordPieceSpec {
    std::vector<std::string> tokens;  ///< the model's vocabulary; the index is the id
    std::vector<AddedToken> added;    ///< ids beyond `tokens` continue it without a gap
    std::vector<NormalizerStep> normalizer;
    RoleNames roles;
    std::string continuing_prefix = "##";
    std::uint32_t max_chars_per_word = 100;  ///< longer words become the unknown token
    DecoderSpec decoder;
    SpecialText special_text = SpecialText::token;
};

/// The switches of Hugging Face's BertNormalizer.
struct BertSwitches {
    bool clean_text = true;
    bool handle_chinese_chars = true;
    std::optional<bool> strip_accents;  ///< not given: as lowercase
    bool lowercase = true;
};

/// BertNormalizer as steps.
std::vector<NormalizerStep> bert_steps(const BertSwitches& switches);

/// What Hugging Face makes of a vocab.txt: BertNormalizer with these switches, the roles' tokens that the
/// vocabulary has as special added tokens, the WordPiece decoder. `vocabulary` is read_vocab_txt's.
WordPieceSpec vocab_txt_spec(std::vector<std::string> vocabulary, const BertSwitches& switches,
                             const RoleNames& roles);

}  // namespace embedloom::plugins
