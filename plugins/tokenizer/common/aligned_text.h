// Text on its way through normalizer steps, each code point with the bytes of the original it stands for.
#pragma once

#include <string_view>

#include "wordpiece_spec.h"

namespace embedloom::plugins {

/// A code point and the half-open bytes of the original that it is aligned to.
struct Glyph {
    std::uint32_t code_point;
    std::uint32_t begin, end;
};

/// The text's code points, each aligned to itself; `base` is the place of text[0] in the original.
void glyphs_of(std::string_view text, std::uint32_t base, std::vector<Glyph>& out);

/// One normalizer step, with the alignments of Hugging Face's NormalizedString: blanks beside an ideograph belong to it, the
/// parts of a decomposed character to the character, and marks that are sorted keep the places of the order they came in.
/// Linear but for runs of combining marks, which are sorted.
void apply(NormalizerStep step, std::vector<Glyph>& glyphs);

/// Normalizes a short text (an added token).
std::string normalized(std::string_view text, const std::vector<NormalizerStep>& steps);

}  // namespace embedloom::plugins
