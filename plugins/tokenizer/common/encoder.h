// Texts to tokens: cuts at added tokens, takes plain ASCII the fast way and the rest code point by code
// point.
#pragma once

#include "aligned_text.h"
#include "ascii_scan.h"
#include "run_normalizer.h"

namespace embedloom::plugins {

/// Working memory of one worker, about 1.1 MiB and what the longest word needs; lent to one encode at a time.
/// What stays in it from text to text can change no result. It belongs to one model.
struct EncodeScratch {
    AsciiScan scan;
    WordCache cache{13};
    std::vector<std::uint32_t> pieces;
    WordBuilder words;
    RunNormalizer run;
    std::vector<Glyph> glyphs;  // of texts that are normalized step by step
    void trim();
};

/// What became of a text.
struct Encoded {
    enum class Problem : std::uint8_t { none, not_utf8, too_long };
    std::uint64_t tokens = 0;
    std::uint64_t bytes_read =
        0;  ///< all of the text when finished, else up to the end of the last token that is kept
    bool finished = true;  ///< the text has no more tokens than these
    Problem problem = Problem::none;
    std::uint64_t bad_byte = 0;  ///< not_utf8: where
};

/// Encodes one text after another. For one thread; many encoders may share a model.
class Encoder {
  public:
    /// Everything must outlive the encoder.
    Encoder(const WordPieceModel& model, EncodeScratch& scratch, TokenOutput& output)
        : model_(model), scratch_(scratch), sink_(model, scratch.cache, scratch.pieces, output) {}

    /// Tokens of `text` into the output, at most `wanted` of them (WordPieceModel::none: all); reading stops
    /// as soon as one more exists. A text with a problem has no tokens. Special tokens are not added. Linear
    /// in the bytes.
    Encoded encode(std::string_view text, std::uint32_t wanted);

  private:
    bool segment(std::uint32_t begin, std::uint32_t end);
    template <WordSink::Detail detail>
    bool fused_segment(std::uint32_t begin, std::uint32_t end);
    template <WordSink::Detail detail>
    bool scanned_words(std::uint32_t base, std::uint32_t count);
    bool stepwise_segment(std::uint32_t begin, std::uint32_t end);

    const WordPieceModel& model_;
    EncodeScratch& scratch_;
    WordSink sink_;
    std::string_view text_;
    std::uint32_t scan_size_ = AsciiScan::longest;
};

}  // namespace embedloom::plugins
