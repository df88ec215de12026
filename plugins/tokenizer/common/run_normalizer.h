// Normalizes and cuts a stretch of text that is not plain ASCII, code point by code point, in one pass.
#pragma once

#include "unicode.h"
#include "word_sink.h"

namespace embedloom::plugins {

/// Collects the normalized code points of a word and hands it to the sink. What it keeps is bounded: words of
/// more code points than the model allows are not stored. For one thread; reused.
class WordBuilder {
  public:
    /// A text begins. The sink must outlive it.
    void begin(WordSink& sink, std::uint32_t max_chars);
    /// A normalized code point that stands for [begin, end) of the original: white space ends the word,
    /// punctuation is a word alone.
    void add(std::uint32_t code_point, TokenSpan source);
    /// The word ends here. False once the sink is full.
    bool end_word();
    bool full() const { return sink_->full(); }
    /// Gives memory back that an unusual text took.
    void trim();

  private:
    void store(std::uint32_t code_point, TokenSpan source);
    const Unicode& unicode_ = Unicode::tables();
    WordSink* sink_ = nullptr;
    bool aligned_ = false;
    std::uint32_t max_chars_ = 0;
    std::uint32_t size_ = 0, chars_ = 0, end_ = 0;
    std::vector<char> bytes_;                   // with 16 readable behind size_
    std::vector<std::uint32_t> begins_, ends_;  // of each byte, where aligned_
};

/// The fused BertNormalizer: clean, part ideographs, NFD, strip, lowercase, each code point once. NFD's
/// sorting of marks and the alignments it gives are kept exactly. For one thread; reused.
class RunNormalizer {
  public:
    /// Normalizes [begin, end) of `text`, which ASCII blanks or punctuation border (or the text's ends), into
    /// words. False once the sink is full.
    bool run(const char* text, std::uint32_t begin, std::uint32_t end, const FusedSteps& steps,
             WordBuilder& words);
    void trim();

  private:
    struct Mark {
        std::uint32_t code_point;
        std::uint16_t combining_class;
        bool added;  ///< not the first of its decomposition: it has no source of its own
    };
    void take(std::uint32_t code_point, TokenSpan source);
    void decomposed(std::uint32_t code_point, TokenSpan source);
    void settle_marks();
    void emit(std::uint32_t code_point, TokenSpan source);
    void part();

    const Unicode& unicode_ = Unicode::tables();
    FusedSteps steps_;
    WordBuilder* words_ = nullptr;
    TokenSpan last_{};                   // the source dealt last
    std::vector<Mark> marks_;            // since the last starter, to be sorted
    std::vector<TokenSpan> mark_spans_;  // their sources, to be dealt in order
};

}  // namespace embedloom::plugins
