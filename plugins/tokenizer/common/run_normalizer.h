// Normalizes and cuts a stretch of text that is not plain ASCII, code point by code point, in one pass.
#pragma once

#include "unicode.h"
#include "utf8.h"
#include "word_sink.h"

namespace embedloom::plugins {

/// Collects the normalized code points of a word and hands it to the sink. What it keeps is bounded: words of more code
/// points than the model allows are not stored. For one thread; reused.
class WordBuilder {
  public:
    /// A text begins. The sink must outlive it.
    void begin(WordSink& sink, std::uint32_t max_chars);
    /// A normalized code point that stands for [begin, end) of the original: white space ends the word, punctuation is a
    /// word alone.
    void add(std::uint32_t code_point, TokenSpan source) {
        const std::uint32_t flags = unicode_.flags(code_point);
        if (!(flags & (cp_space | cp_punctuation))) return store(code_point, source);
        end_word();
        if (flags & cp_punctuation) add_alone(code_point, source);
    }
    /// One that is a word alone.
    void add_alone(std::uint32_t code_point, TokenSpan source) {
        if (!end_word()) return;
        const Packed packed = pack(code_point);
        sink_->char_word(packed.bytes, packed.size, source);
    }
    /// One that is neither white space nor punctuation.
    void store(std::uint32_t code_point, TokenSpan source) {
        end_ = source.end;
        if (++chars_ > max_chars_ && size_ > 0) return store_end();
        const Packed packed = pack(code_point);
        if (size_ + slack > bytes_.size()) grow();
        std::memcpy(bytes_.data() + size_, &packed.bytes, 4);
        if (size_ < 16) key_ |= static_cast<Bytes16>(packed.bytes) << 8 * size_;
        if (aligned_)
            for (std::uint32_t i = 0; i < 4; ++i) begins_[size_ + i] = source.begin, ends_[size_ + i] = source.end;
        size_ += packed.size;
    }
    /// The word ends here. False once the sink is full.
    bool end_word() {
        if (size_ == 0) return !sink_->full();
        return hand_over();
    }
    bool full() const { return sink_->full(); }
    /// Gives memory back that an unusual text took.
    void trim();

  private:
    static constexpr std::uint32_t slack = 4;  // bytes of a code point, and what is written beyond them
    void store_end();
    void grow();
    bool hand_over();

    const Unicode& unicode_ = Unicode::tables();
    WordSink* sink_ = nullptr;
    bool aligned_ = false;
    std::uint32_t max_chars_ = 0;
    std::uint32_t size_ = 0, chars_ = 0, end_ = 0;
    Bytes16 key_ = 0;                 // the first 16 bytes
    std::vector<char> bytes_;
    std::vector<std::uint32_t> begins_, ends_;  // of each byte, where aligned_
};

/// The fused BertNormalizer: clean, part ideographs, NFD, strip, lowercase, each code point once. NFD's sorting of marks
/// and the alignments it gives are kept exactly. For one thread; reused.
class RunNormalizer {
  public:
    /// Normalizes [begin, end) of `text`, which ASCII blanks or punctuation border (or the text's ends), into words.
    /// False once the sink is full.
    bool run(const char* text, TokenSpan range, const FusedSteps& steps, WordBuilder& words);
    void trim();

  private:
    struct Mark {
        std::uint32_t code_point;
        std::uint16_t combining_class;
        bool added;  ///< not the first of its decomposition: it has no source of its own
    };
    bool take_plain(std::uint32_t code_point, std::uint32_t flags, TokenSpan source);
    void take(std::uint32_t code_point, std::uint32_t flags, TokenSpan source);
    void decomposed(std::uint32_t code_point, TokenSpan source);
    void gather_marks(std::uint32_t before);
    void settle_marks();
    void emit(std::uint32_t code_point, TokenSpan source);
    void part();

    const Unicode& unicode_ = Unicode::tables();
    const char* text_ = nullptr;
    FusedSteps steps_;
    std::uint32_t touched_ = 0;          // flags of code points that a step or the cutting changes
    WordBuilder* words_ = nullptr;
    TokenSpan last_{};                   // the source dealt last
    std::uint32_t starter_ = 0;          // where the last starter begins; marks behind it that are stripped are not kept
    std::vector<Mark> marks_;            // since the last starter, to be sorted; empty while all are stripped
    std::vector<TokenSpan> mark_spans_;  // their sources, to be dealt in order
};

}  // namespace embedloom::plugins
