// The fused pass over text that is not plain ASCII.
#include "run_normalizer.h"

#include <algorithm>

#include "utf8.h"

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
    if (bytes_.size() < 64) bytes_.resize(64);
}

void WordBuilder::store(std::uint32_t code_point, TokenSpan source) {
    end_ = source.end;
    if (++chars_ > max_chars_ && size_ > 0) {
        // Too long: it will be the unknown token, over all of it, whatever its bytes are.
        if (aligned_) ends_[size_ - 1] = source.end;
        return;
    }
    if (size_ + 32 > bytes_.size()) bytes_.resize(2 * bytes_.size());
    const std::uint32_t more = encode(code_point, bytes_.data() + size_);
    if (aligned_) {
        if (size_ + more > begins_.size()) {
            begins_.resize(bytes_.size());
            ends_.resize(bytes_.size());
        }
        std::fill_n(begins_.begin() + size_, more, source.begin);
        std::fill_n(ends_.begin() + size_, more, source.end);
    }
    size_ += more;
}

void WordBuilder::add(std::uint32_t code_point, TokenSpan source) {
    const std::uint32_t flags = unicode_.flags(code_point);
    if (!(flags & (cp_space | cp_punctuation))) return store(code_point, source);
    end_word();
    if (flags & cp_space) return;
    store(code_point, source);
    end_word();
}

bool WordBuilder::end_word() {
    if (size_ == 0 || sink_->full()) return !sink_->full();
    const AlignedWord word{
        bytes_.data(), size_, chars_, aligned_ ? begins_.data() : nullptr, aligned_ ? ends_.data() : nullptr,
        end_};
    size_ = chars_ = 0;
    return sink_->aligned_word(word);
}

void WordBuilder::trim() {
    trim_vector(bytes_);
    trim_vector(begins_);
    trim_vector(ends_);
}

bool RunNormalizer::run(const char* text, std::uint32_t begin, std::uint32_t end, const FusedSteps& steps,
                        WordBuilder& words) {
    steps_ = steps;
    words_ = &words;
    for (std::uint32_t at = begin; at < end && !words.full();) {
        const Decoded decoded = decode(text + at);
        take(decoded.code_point, {at, at + decoded.size});
        at += decoded.size;
    }
    settle_marks();
    return words.end_word();
}

void RunNormalizer::part() {
    settle_marks();
    words_->end_word();
}

void RunNormalizer::take(std::uint32_t code_point, TokenSpan source) {
    const std::uint32_t flags = unicode_.flags(code_point);
    if (steps_.clean && flags & (cp_dropped | cp_to_space)) {
        if (flags & cp_to_space) part();
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
    const std::uint32_t flags = unicode_.flags(code_point);
    if (!(flags & (cp_decomposed | cp_moves))) {
        if (!marks_.empty()) settle_marks();
        last_ = source;
        return emit(code_point, source);
    }
    std::array<std::uint32_t, 4> parts;
    const std::uint32_t count = unicode_.decompose(code_point, parts);
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto combining_class = static_cast<std::uint16_t>(unicode_.combining_class(parts[i]));
        if (combining_class) {
            marks_.push_back({parts[i], combining_class, i > 0});
            if (i == 0) mark_spans_.push_back(source);
            continue;
        }
        settle_marks();
        if (i == 0) last_ = source;
        emit(parts[i], last_);
    }
}

/// Marks in the order of their classes; the places that they stand for in the order of the text.
void RunNormalizer::settle_marks() {
    if (marks_.empty()) return;
    const auto lower_class = [](const Mark& a, const Mark& b) {
        return a.combining_class < b.combining_class;
    };
    if (!std::is_sorted(marks_.begin(), marks_.end(), lower_class))
        std::stable_sort(marks_.begin(), marks_.end(), lower_class);
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
