// A WordPiece tokenizer as it is used: vocabulary, added tokens, switches. Made once, never changed.
#pragma once

#include <span>

#include "added_tokens.h"
#include "byte_trie.h"
#include "wordpiece_spec.h"

namespace embedloom::plugins {

/// Which fused passes the encoder makes over text that is not plain ASCII.
struct FusedSteps {
    bool clean = false, part_ideographs = false, strip_accents = false, lowercase = false;
};

/// Ids, texts and matchers. All const, for any thread.
class WordPieceModel {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;

    /// Throws LoadFailure: no unknown token, an added token that cannot be found, too many tokens.
    explicit WordPieceModel(WordPieceSpec spec);
    WordPieceModel(const WordPieceModel&) = delete;
    WordPieceModel& operator=(const WordPieceModel&) = delete;

    /// Ids are 0 .. size() - 1: the vocabulary, then what added tokens bring.
    std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
    /// The literal text of an id below size().
    std::string_view token(std::uint32_t id) const { return texts_[id]; }
    std::optional<std::uint32_t> find(std::string_view token) const;
    /// Ids by role; `none` where the vocabulary lacks the token.
    struct Roles {
        std::uint32_t unk = none, cls = none, sep = none, pad = none, mask = none;
    };
    const Roles& roles() const { return roles_; }

    /// Text of ids, by the file's decoder. Ids that do not exist are left out, as Hugging Face does.
    enum class Specials { keep, skip };
    std::string decode(std::span<const std::uint32_t> ids, Specials specials) const;

    /// The pieces of one normalized word of `chars` code points: longest match first; one unknown token where
    /// a piece is missing or the word is too long. Linear in the word for a given vocabulary (a token has at
    /// most 1,024 bytes).
    void pieces(std::string_view word, std::uint32_t chars, std::vector<std::uint32_t>& out) const;
    /// Bytes of a word that a piece of it covers; `first` for the word's first piece.
    enum class Place { first, inside };
    std::uint32_t piece_size(std::uint32_t id, Place place) const {
        const auto size = static_cast<std::uint32_t>(texts_[id].size());
        return place == Place::first ? size
                                     : size - static_cast<std::uint32_t>(spec_.continuing_prefix.size());
    }

    const WordPieceSpec& spec() const { return spec_; }
    /// Set when the normalizer is one that can be fused; otherwise its steps are taken one by one.
    const std::optional<FusedSteps>& fused() const { return fused_; }
    /// Added tokens that are looked for in the text as it is, and in the normalized text.
    const AddedMatcher& raw_matcher() const { return raw_matcher_; }
    const AddedMatcher& normalized_matcher() const { return normalized_matcher_; }

  private:
    void add_tokens();
    WordPieceSpec spec_;
    std::vector<std::string_view> texts_;  // id -> text, in spec_
    std::vector<bool> special_;            // id -> left out by decode on request
    ByteTrie starts_, continuations_, added_;
    Roles roles_;
    std::optional<FusedSteps> fused_;
    AddedMatcher raw_matcher_, normalized_matcher_;
};

}  // namespace embedloom::plugins
