// The fused pass over text that is not plain ASCII.
#include "run_normalizer.h"

#include <algorithm>

namespace embedloom::plugins {

namespace {
constexpr std::size_t kept = 4096;  // elements of a buffer that stay between texts

template <class T>
void trim_vector(std::vector<T>& values) {
    if (values.capacity() > kept) std::vector<T>().swap(values);
}
}  // namespace

void WordBuilder::begin(WordSink& sink, std::uint32_t max_chars) {
    sink_ = &sink;
    aligned_ = sink.needs_alignment();
    max_chars_ = max_chars;
    size_ = chars_ = 0;
    key_ = 0;
    grow();
}

void WordBuilder::grow() {
    if (size_ + slack > bytes_.size()) bytes_.resize(std::max<std::size_t>(64, 2 * bytes_.size()));
    if (!aligned_ || begins_.size() == bytes_.size()) return;
    begins_.resize(bytes_.size());
    ends_.resize(bytes_.size());
}

/// Too long: it will be the unknown token, over all of it, whatever its bytes are.
void WordBuilder::store_end() {
    if (aligned_) ends_[size_ - 1] = end_;
}

bool WordBuilder::hand_over() {
    const AlignedWord word{bytes_.data(), WordKey::of(key_, size_), size_, chars_, aligned_ ? begins_.data() : nullptr,
                           aligned_ ? ends_.data() : nullptr, end_};
    size_ = chars_ = 0;
    key_ = 0;
    return !sink_->full() && sink_->aligned_word(word);
}

void WordBuilder::trim() {
    trim_vector(bytes_);
    trim_vector(begins_);
    trim_vector(ends_);
}

bool RunNormalizer::run(const char* text, TokenSpan range, const FusedSteps& steps, WordBuilder& words) {
    text_ = text;
    steps_ = steps;
    touched_ = cp_space | cp_punctuation | (steps.clean ? cp_dropped | cp_to_space : 0u) | (steps.part_ideographs ? +cp_ideograph : 0u) |
               (steps.strip_accents ? cp_decomposed | cp_moves | cp_nonspacing : 0u) | (steps.lowercase ? +cp_lowered : 0u);
    words_ = &words;
    starter_ = range.begin;
    for (std::uint32_t at = range.begin; at < range.end && !words.full();) {
        const Decoded decoded = decode(text + at);
        const TokenSpan source{at, at + decoded.size};
        const std::uint32_t flags = unicode_.flags(decoded.code_point);
        if (!take_plain(decoded.code_point, flags, source)) take(decoded.code_point, flags, source);
        at += decoded.size;
    }
    settle_marks();
    return words.end_word();
}

/// What most code points need: nothing, one other code point instead, a word for themselves, or to vanish.
bool RunNormalizer::take_plain(std::uint32_t code_point, std::uint32_t flags, TokenSpan source) {
    const std::uint32_t touched = flags & touched_;
    if (touched & cp_moves) return marks_.empty() && touched == (cp_moves | cp_nonspacing);  // stripped wherever it is sorted to
    std::uint32_t becomes = code_point;
    if (touched & cp_decomposed) {
        if (!(flags & cp_accented) || touched & ~(cp_decomposed | cp_lowered)) return false;
        becomes = unicode_.unaccented(code_point);
        if (unicode_.flags(becomes) & (cp_space | cp_punctuation)) return false;
    } else if (touched & ~(cp_lowered | cp_nonspacing | cp_ideograph | cp_punctuation)) {
        return false;
    }
    if (!marks_.empty()) settle_marks();
    starter_ = source.begin;
    if (touched & cp_nonspacing) return true;
    if (steps_.lowercase) {
        if (Unicode::lower_tail(code_point)) return false;
        becomes = unicode_.lower(becomes);
    }
    if (touched & (cp_ideograph | cp_punctuation))
        words_->add_alone(becomes, source);
    else
        words_->store(becomes, source);
    return true;
}

void RunNormalizer::part() {
    settle_marks();
    words_->end_word();
}

void RunNormalizer::take(std::uint32_t code_point, std::uint32_t flags, TokenSpan source) {
    if (steps_.clean && flags & (cp_dropped | cp_to_space)) {
        if (!(flags & cp_to_space)) return;
        part();
        starter_ = source.end;  // the blank is a starter: marks before it never move
        return;
    }
    const bool alone = steps_.part_ideographs && flags & cp_ideograph;
    if (alone) part();
    if (steps_.strip_accents)
        decomposed(code_point, source);
    else
        emit(code_point, source);
    if (alone) part();
}

void RunNormalizer::decomposed(std::uint32_t code_point, TokenSpan source) {
    std::array<std::uint32_t, 4> parts;
    const std::uint32_t count = unicode_.decompose(code_point, parts);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto combining_class = static_cast<std::uint16_t>(unicode_.combining_class(parts[i]));
        if (combining_class) {
            if (i == 0 && marks_.empty()) gather_marks(source.begin);
            marks_.push_back({parts[i], combining_class, i > 0});
            if (i == 0) mark_spans_.push_back(source);
            continue;
        }
        settle_marks();
        starter_ = source.begin;
        if (i == 0) last_ = source;
        emit(parts[i], last_);
    }
}

/// Takes up the marks from the last starter on that take_plain() passed over: one comes that may stay, and its place depends
/// on theirs.
void RunNormalizer::gather_marks(std::uint32_t before) {
    for (std::uint32_t at = starter_; at < before;) {
        const Decoded decoded = decode(text_ + at);
        const TokenSpan source{at, at + decoded.size};
        at += decoded.size;
        if (steps_.clean && unicode_.flags(decoded.code_point) & (cp_dropped | cp_to_space)) continue;
        std::array<std::uint32_t, 4> parts;
        const std::uint32_t count = unicode_.decompose(decoded.code_point, parts);
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto combining_class = static_cast<std::uint16_t>(unicode_.combining_class(parts[i]));
            if (combining_class)
                marks_.push_back({parts[i], combining_class, i > 0});
            else
                last_ = source;  // the starter, which has gone out already
            if (combining_class && i == 0) mark_spans_.push_back(source);
        }
    }
}

/// Marks in the order of their classes; the places that they stand for in the order of the text.
void RunNormalizer::settle_marks() {
    if (marks_.empty()) return;
    const auto lower_class = [](const Mark& a, const Mark& b) { return a.combining_class < b.combining_class; };
    if (!std::is_sorted(marks_.begin(), marks_.end(), lower_class)) std::stable_sort(marks_.begin(), marks_.end(), lower_class);
    std::size_t next = 0;
    for (const Mark& mark : marks_) {
        if (!mark.added) last_ = mark_spans_[next++];
        emit(mark.code_point, last_);
    }
    marks_.clear();
    mark_spans_.clear();
}

void RunNormalizer::emit(std::uint32_t code_point, TokenSpan source) {
    const std::uint32_t flags = unicode_.flags(code_point);
    if (steps_.strip_accents && flags & cp_nonspacing) return;
    if (!steps_.lowercase || !(flags & cp_lowered)) return words_->add(code_point, source);
    words_->add(unicode_.lower(code_point), source);
    if (const std::uint32_t tail = Unicode::lower_tail(code_point)) words_->add(tail, source);
}

void RunNormalizer::trim() {
    trim_vector(marks_);
    trim_vector(mark_spans_);
}

}  // namespace embedloom::plugins
