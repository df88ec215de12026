// Spreads the generated ranges into pages, so that a look-up is two loads.
#include "unicode.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace embedloom::plugins {

namespace {

struct Range {
    std::uint32_t first, last;
};
struct ValueRange {
    std::uint32_t first, last, value;
};
struct LowerRun {
    std::uint32_t first, last, step;
    std::int32_t delta;
};
struct Decomposition {
    std::uint32_t from, size, to[4];
};

#include "unicode_data.h"

constexpr std::uint32_t code_points = 0x110000;
constexpr std::uint32_t hangul_first = 0xAC00, hangul_last = 0xD7A3;
constexpr std::uint32_t hangul_leads = 0x1100, hangul_vowels = 0x1161, hangul_tails = 0x11A7;
constexpr std::uint32_t vowel_count = 21, tail_count = 28;

template <std::size_t n>
void set(std::vector<std::uint32_t>& flat, const Range (&ranges)[n], std::uint32_t flag) {
    for (const Range& range : ranges)
        for (std::uint32_t c = range.first; c <= range.last; ++c) flat[c] |= flag;
}

std::vector<std::uint32_t> flags_of_all() {
    std::vector<std::uint32_t> flat(code_points);
    set(flat, dropped_ranges, cp_dropped);
    set(flat, to_space_ranges, cp_to_space);
    set(flat, ideograph_ranges, cp_ideograph);
    set(flat, nonspacing_ranges, cp_nonspacing);
    set(flat, combining_ranges, cp_combining);
    set(flat, space_ranges, cp_space);
    set(flat, punctuation_ranges, cp_punctuation);
    set(flat, word_ranges, cp_word);
    for (std::uint32_t c = hangul_first; c <= hangul_last; ++c) flat[c] |= cp_decomposed;
    return flat;
}

}  // namespace

Unicode::Unicode() : records_(1) {
    std::vector<std::uint32_t> flat = flags_of_all();
    const auto record_of = [&](std::uint32_t c) -> Record& {
        if (flat[c] >> 16 == 0) {
            flat[c] |= static_cast<std::uint32_t>(records_.size()) << 16;
            records_.emplace_back();
        }
        return records_[flat[c] >> 16];
    };
    for (const LowerRun& run : lower_runs)
        for (std::uint32_t c = run.first; c <= run.last; c += run.step) {
            record_of(c).lower = static_cast<std::uint32_t>(static_cast<std::int32_t>(c) + run.delta);
            flat[c] |= cp_lowered;
        }
    record_of(0x130).lower = 'i';
    flat[0x130] |= cp_lowered;
    for (const ValueRange& range : combining_class_ranges)
        for (std::uint32_t c = range.first; c <= range.last; ++c) {
            record_of(c).combining_class = static_cast<std::uint16_t>(range.value);
            flat[c] |= cp_moves;
        }
    for (std::size_t i = 0; i < std::size(decompositions); ++i) {
        record_of(decompositions[i].from).decomposition = static_cast<std::uint16_t>(i);
        flat[decompositions[i].from] |= cp_decomposed;
    }
    const auto mark = [&](std::uint32_t c) { return (flat[c] & cp_moves) && (flat[c] & cp_nonspacing); };
    for (const Decomposition& found : decompositions) {
        if (flat[found.to[0]] & (cp_moves | cp_nonspacing) || !std::all_of(found.to + 1, found.to + found.size, mark)) continue;
        record_of(found.from).unaccented = found.to[0];
        flat[found.from] |= cp_accented;
    }
    constexpr std::size_t page_size = 256;
    std::unordered_map<std::string_view, std::uint16_t> seen;  // equal pages by their bytes
    for (std::uint32_t page = 0; page < page_of_.size(); ++page) {
        const std::uint32_t* entries = flat.data() + page * page_size;
        const std::string_view bytes(reinterpret_cast<const char*>(entries), page_size * sizeof *entries);
        const auto [place, fresh] = seen.try_emplace(bytes, static_cast<std::uint16_t>(pages_.size()));
        if (fresh) std::copy_n(entries, page_size, pages_.emplace_back().begin());
        page_of_[page] = place->second;
    }
}

const Unicode& Unicode::tables() {
    static const Unicode unicode;
    return unicode;
}

std::uint32_t Unicode::decompose(std::uint32_t c, std::array<std::uint32_t, 4>& out) const {
    const std::uint32_t e = entry(c);
    if (!(e & cp_decomposed)) {
        out[0] = c;
        return 1;
    }
    if (c >= hangul_first && c <= hangul_last) {
        const std::uint32_t syllable = c - hangul_first, tail = syllable % tail_count;
        out[0] = hangul_leads + syllable / (vowel_count * tail_count);
        out[1] = hangul_vowels + syllable / tail_count % vowel_count;
        out[2] = hangul_tails + tail;
        return tail ? 3 : 2;
    }
    const Decomposition& found = decompositions[records_[e >> 16].decomposition];
    std::copy_n(found.to, found.size, out.begin());
    return found.size;
}

}  // namespace embedloom::plugins
