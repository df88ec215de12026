// Finds added tokens ("[MASK]") in a text, exactly as Hugging Face's AddedVocabulary does.
#pragma once

#include "byte_trie.h"
#include "wordpiece_spec.h"

namespace embedloom::plugins {

/// A piece of a text: an added token, or (token null) what lies between.
struct TextPart {
    const AddedToken* token;
    std::size_t begin, end;  ///< bytes; with lstrip and rstrip they hold the white space too
};

/// Looks for some added tokens. Immutable; const calls are for any thread.
class AddedMatcher {
  public:
    /// What is looked for: the token and the bytes it is found by (its content, or the normalized form of
    /// it). Of equal bytes the first wins. `tokens` must outlive the matcher. Throws LoadFailure when the
    /// bytes are empty.
    struct Pattern {
        const AddedToken* token;
        std::string bytes;
    };
    AddedMatcher() = default;
    AddedMatcher(std::vector<Pattern> patterns, SpecialText special_text);

    bool empty() const { return patterns_.empty(); }

    /// Cuts `text` (valid UTF-8) into parts, in order. Leftmost, of these longest, matches count; a match
    /// refused by single_word, or a special one that is to stay text, is passed over whole. One call gives
    /// the next part.
    class Cutter {
      public:
        Cutter(const AddedMatcher& matcher, std::string_view text) : matcher_(matcher), text_(text) {}
        /// The next part, false at the end. Parts may be empty where a token takes white space that is taken
        /// already.
        bool next(TextPart& part);

      private:
        const AddedMatcher& matcher_;
        std::string_view text_;
        std::size_t search_ = 0;  // where to look for the next match
        std::size_t done_ = 0;    // what parts have covered
        std::optional<TextPart> waiting_;
    };

  private:
    struct Found {
        const AddedToken* token;
        std::size_t begin, end;
    };
    std::optional<Found> find(std::string_view text, std::size_t from) const;
    bool refused(const AddedToken& token, std::string_view text, std::size_t begin, std::size_t end) const;

    std::vector<Pattern> patterns_;
    ByteTrie trie_;
    std::vector<char> first_bytes_;  // distinct, when they are few enough to search one by one
    SpecialText special_text_ = SpecialText::token;
};

}  // namespace embedloom::plugins
