// The encoder's ways through a text.
// link: simdjson
#include "encoder.h"

#include <simdjson.h>

#include <algorithm>

#include "utf8.h"
#include "vocab_file.h"

namespace embedloom::plugins {

void EncodeScratch::trim() {
    words.trim();
    run.trim();
    if (glyphs.capacity() > 4096) std::vector<Glyph>().swap(glyphs);
    if (pieces.capacity() > 4096) std::vector<std::uint32_t>().swap(pieces);
}

Encoded Encoder::encode(std::string_view text, std::uint32_t wanted) {
    if (text.size() >= WordPieceModel::none) return {.problem = Encoded::Problem::too_long};
    if (!simdjson::validate_utf8(text.data(), text.size()))
        return {.problem = Encoded::Problem::not_utf8, .bad_byte = first_bad_byte(text)};
    text_ = text;
    sink_.begin_text(text.size(), wanted);
    scratch_.words.begin(sink_, model_.spec().max_chars_per_word);
    // Scanning far beyond the last wanted token would be for nothing.
    scan_size_ = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(std::uint64_t{wanted} * 6, 512, AsciiScan::longest));
    if (model_.raw_matcher().empty()) {
        segment(0, static_cast<std::uint32_t>(text.size()));
    } else {
        AddedMatcher::Cutter cutter(model_.raw_matcher(), text);
        for (TextPart part; !sink_.full() && cutter.next(part);) {
            const auto begin = static_cast<std::uint32_t>(part.begin),
                       end = static_cast<std::uint32_t>(part.end);
            part.token ? sink_.added_token(part.token->id, begin, end) : segment(begin, end);
        }
    }
    const bool finished = !sink_.full();
    const Encoded result{.tokens = sink_.end_text(),
                         .bytes_read = finished ? text.size() : sink_.read_end(),
                         .finished = finished};
    if (text.size() > 4096) scratch_.trim();
    return result;
}

bool Encoder::segment(std::uint32_t begin, std::uint32_t end) {
    if (!model_.fused() || !model_.normalized_matcher().empty()) return stepwise_segment(begin, end);
    return sink_.wants_detail() ? fused_segment<WordSink::Detail::spans>(begin, end)
                                : fused_segment<WordSink::Detail::ids>(begin, end);
}

template <WordSink::Detail detail>
bool Encoder::fused_segment(std::uint32_t begin, std::uint32_t end) {
    AsciiScan& scan = scratch_.scan;
    const AsciiCase letters = model_.fused()->lowercase ? AsciiCase::lower : AsciiCase::keep;
    while (begin < end) {
        const std::uint32_t size = std::min(end - begin, scan_size_);
        scan_ascii(text_.data() + begin, size, letters, scan);
        std::uint32_t count = scan.count, read = size;
        const bool goes_on = begin + size < end && count && scan.ends[count - 1] == size &&
                             !ends_run(scan.lowered[size - 1]) && !ends_run(text_[begin + size]);
        if (goes_on) read = scan.begins[--count];
        if (goes_on && read == 0) {
            // One run longer than a scan.
            std::uint32_t stop = begin + size;
            while (stop < end && !ends_run(text_[stop])) ++stop;
            if (!scratch_.run.run(text_.data(), {begin, stop}, *model_.fused(), scratch_.words)) return false;
            begin = stop;
            continue;
        }
        if (!scanned_words<detail>(begin, count)) return false;
        begin += read;
    }
    return true;
}

template <WordSink::Detail detail>
bool Encoder::scanned_words(std::uint32_t base, std::uint32_t count) {
    const AsciiScan& scan = scratch_.scan;
    constexpr std::uint32_t group = 16;  // words whose lines of the cache are fetched at once
    WordKey keys[group];
    std::size_t lines[group];
    for (std::uint32_t first = 0; first < count; first += group) {
        const std::uint32_t last = std::min(count, first + group);
        for (std::uint32_t i = first; i < last; ++i) {
            const std::uint32_t size =
                std::min<std::uint32_t>(scan.ends[i] - scan.begins[i], WordKey::longest);
            keys[i - first] = WordKey::of(scan.lowered.data() + scan.begins[i], size);
            lines[i - first] = sink_.cache().line_of(keys[i - first]);
        }
        for (std::uint32_t i = first; i < last; ++i) {
            const std::uint32_t begin = scan.begins[i], end = scan.ends[i], size = end - begin;
            const char* const bytes = scan.lowered.data() + begin;
            bool more = false;
            if (scan.any_special && scan.is_special(begin, end))
                more =
                    scratch_.run.run(text_.data(), {base + begin, base + end}, *model_.fused(), scratch_.words);
            else if (size <= WordKey::longest)
                more = sink_.plain_word<detail>(bytes, size, base + begin, keys[i - first], lines[i - first]);
            else
                more = sink_.long_plain_word(bytes, size, base + begin);
            if (!more) return false;
        }
    }
    return true;
}

bool Encoder::stepwise_segment(std::uint32_t begin, std::uint32_t end) {
    std::vector<Glyph>& glyphs = scratch_.glyphs;
    glyphs_of(text_.substr(begin, end - begin), begin, glyphs);
    for (const NormalizerStep step : model_.spec().normalizer) apply(step, glyphs);
    const auto cut_words = [&](std::size_t from, std::size_t to) {
        for (std::size_t i = from; i < to && !sink_.full(); ++i)
            scratch_.words.add(glyphs[i].code_point, {glyphs[i].begin, glyphs[i].end});
        return scratch_.words.end_word();
    };
    if (model_.normalized_matcher().empty()) return cut_words(0, glyphs.size());
    std::string bytes;
    std::vector<std::uint32_t> glyph_of;  // [byte] of the normalized text, and its end
    for (std::size_t i = 0; i < glyphs.size(); ++i) {
        append(bytes, glyphs[i].code_point);
        glyph_of.resize(bytes.size(), static_cast<std::uint32_t>(i));
    }
    glyph_of.push_back(static_cast<std::uint32_t>(glyphs.size()));
    AddedMatcher::Cutter cutter(model_.normalized_matcher(), bytes);
    for (TextPart part; !sink_.full() && cutter.next(part);) {
        const std::uint32_t from = glyph_of[part.begin], to = glyph_of[part.end];
        if (part.token && from < to)
            sink_.added_token(part.token->id, glyphs[from].begin, glyphs[to - 1].end);
        else if (!part.token)
            cut_words(from, to);
    }
    return !sink_.full();
}

}  // namespace embedloom::plugins
