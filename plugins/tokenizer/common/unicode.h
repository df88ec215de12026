// What Hugging Face tokenizers 0.22.2 knows of each code point. That library mixes several versions of
// Unicode, so the tables were made by asking it (generate_unicode.py), not from one Unicode database.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace embedloom::plugins {

/// Flags of a code point.
enum : std::uint32_t {
    cp_dropped = 1u << 0,      ///< removed by clean_text
    cp_to_space = 1u << 1,     ///< made a space by clean_text
    cp_ideograph = 1u << 2,    ///< stands alone with handle_chinese_chars
    cp_nonspacing = 1u << 3,   ///< removed by BertNormalizer's strip_accents
    cp_combining = 1u << 4,    ///< removed by the StripAccents normalizer
    cp_space = 1u << 5,        ///< separates words
    cp_punctuation = 1u << 6,  ///< is a word alone
    cp_word = 1u << 7,         ///< \w: next to it, single_word tokens do not match
    cp_lowered = 1u << 8,      ///< has a lower case
    cp_decomposed = 1u << 9,   ///< NFD makes other code points of it (Hangul syllables too)
    cp_moves = 1u << 10,       ///< has a combining class: NFD sorts it
    cp_accented = 1u << 11,    ///< NFD makes a starter of it and marks that strip_accents all removes
};

/// The tables, made once a process from ranges (about 3 ms).
class Unicode {
  public:
    static const Unicode& tables();

    std::uint32_t flags(std::uint32_t c) const { return entry(c) & 0xFFFF; }
    /// Canonical combining class; 0 for starters.
    std::uint32_t combining_class(std::uint32_t c) const { return records_[entry(c) >> 16].combining_class; }
    /// Lower case; the one code point with two (U+0130) gives the first, see `lower_tail`.
    std::uint32_t lower(std::uint32_t c) const {
        const std::uint32_t e = entry(c);
        return e & cp_lowered ? records_[e >> 16].lower : c;
    }
    /// The starter that is left of a cp_accented code point.
    std::uint32_t unaccented(std::uint32_t c) const { return records_[entry(c) >> 16].unaccented; }
    /// The second code point of a lower case, or 0.
    static std::uint32_t lower_tail(std::uint32_t c) { return c == 0x130 ? 0x307 : 0; }
    /// Writes the full canonical decomposition (at most 4; 1 where there is none) and returns how many.
    std::uint32_t decompose(std::uint32_t c, std::array<std::uint32_t, 4>& out) const;

  private:
    Unicode();
    std::uint32_t entry(std::uint32_t c) const { return pages_[page_of_[c >> 8]][c & 0xFF]; }
    struct Record {
        std::uint32_t lower = 0;
        std::uint32_t unaccented = 0;
        std::uint16_t combining_class = 0;
        std::uint16_t decomposition = 0;  ///< index into the generated list
    };
    std::array<std::uint16_t, 0x1100> page_of_{};        // [code point >> 8] -> page
    std::vector<std::array<std::uint32_t, 256>> pages_;  // flags in the low half, record in the high half
    std::vector<Record> records_;
};

}  // namespace embedloom::plugins
