// The normalizer steps on whole texts: the general way, for pipelines that the encoder has no fused pass for.
#include "aligned_text.h"

#include <algorithm>

#include "unicode.h"
#include "utf8.h"

namespace embedloom::plugins {

namespace {

void drop(std::uint32_t flag, std::vector<Glyph>& glyphs) {
    const Unicode& unicode = Unicode::tables();
    std::erase_if(glyphs, [&](const Glyph& glyph) { return (unicode.flags(glyph.code_point) & flag) != 0; });
}

void clean(std::vector<Glyph>& glyphs) {
    const Unicode& unicode = Unicode::tables();
    drop(cp_dropped, glyphs);
    for (Glyph& glyph : glyphs)
        if (unicode.flags(glyph.code_point) & cp_to_space) glyph.code_point = ' ';
}

void part_ideographs(std::vector<Glyph>& glyphs) {
    const Unicode& unicode = Unicode::tables();
    std::vector<Glyph> out;
    out.reserve(glyphs.size());
    for (const Glyph& glyph : glyphs) {
        const bool alone = unicode.flags(glyph.code_point) & cp_ideograph;
        if (alone) out.push_back({' ', glyph.begin, glyph.end});
        out.push_back(glyph);
        if (alone) out.push_back({' ', glyph.begin, glyph.end});
    }
    glyphs.swap(out);
}

void lowercase(std::vector<Glyph>& glyphs) {
    const Unicode& unicode = Unicode::tables();
    std::vector<Glyph> out;
    out.reserve(glyphs.size());
    for (const Glyph& glyph : glyphs) {
        out.push_back({unicode.lower(glyph.code_point), glyph.begin, glyph.end});
        if (const std::uint32_t tail = Unicode::lower_tail(glyph.code_point))
            out.push_back({tail, glyph.begin, glyph.end});
    }
    glyphs.swap(out);
}

void decompose(std::vector<Glyph>& glyphs) {
    const Unicode& unicode = Unicode::tables();
    struct Part {
        std::uint32_t code_point, combining_class;
        bool added;  // not the first of its decomposition
    };
    std::vector<Part> parts;
    parts.reserve(glyphs.size());
    for (const Glyph& glyph : glyphs) {
        std::array<std::uint32_t, 4> to;
        const std::uint32_t count = unicode.decompose(glyph.code_point, to);
        for (std::uint32_t i = 0; i < count; ++i)
            parts.push_back({to[i], unicode.combining_class(to[i]), i > 0});
    }
    for (auto at = parts.begin(); at != parts.end();) {
        const auto starter = [](const Part& part) { return part.combining_class == 0; };
        const auto marks = std::find_if_not(at, parts.end(), starter);
        at = std::find_if(marks, parts.end(), starter);
        std::stable_sort(marks, at,
                         [](const Part& a, const Part& b) { return a.combining_class < b.combining_class; });
    }
    // Sorting moves the marks but not the places: those are dealt in the original's order.
    std::vector<Glyph> out;
    out.reserve(parts.size());
    std::size_t next = 0;
    for (const Part& part : parts) {
        if (!part.added) ++next;
        out.push_back({part.code_point, glyphs[next - 1].begin, glyphs[next - 1].end});
    }
    glyphs.swap(out);
}

}  // namespace

void glyphs_of(std::string_view text, std::uint32_t base, std::vector<Glyph>& out) {
    out.clear();
    for (std::size_t at = 0; at < text.size();) {
        const Decoded decoded = decode(text.data() + at);
        const auto begin = base + static_cast<std::uint32_t>(at);
        out.push_back({decoded.code_point, begin, begin + decoded.size});
        at += decoded.size;
    }
}

void apply(NormalizerStep step, std::vector<Glyph>& glyphs) {
    switch (step) {
        case NormalizerStep::clean:
            return clean(glyphs);
        case NormalizerStep::part_ideographs:
            return part_ideographs(glyphs);
        case NormalizerStep::decompose:
            return decompose(glyphs);
        case NormalizerStep::drop_nonspacing:
            return drop(cp_nonspacing, glyphs);
        case NormalizerStep::drop_combining:
            return drop(cp_combining, glyphs);
        case NormalizerStep::lowercase:
            return lowercase(glyphs);
    }
}

std::string normalized(std::string_view text, const std::vector<NormalizerStep>& steps) {
    std::vector<Glyph> glyphs;
    glyphs_of(text, 0, glyphs);
    for (const NormalizerStep step : steps) apply(step, glyphs);
    std::string out;
    for (const Glyph& glyph : glyphs) append(out, glyph.code_point);
    return out;
}

std::vector<NormalizerStep> bert_steps(const BertSwitches& switches) {
    std::vector<NormalizerStep> steps;
    if (switches.clean_text) steps.push_back(NormalizerStep::clean);
    if (switches.handle_chinese_chars) steps.push_back(NormalizerStep::part_ideographs);
    if (switches.strip_accents.value_or(switches.lowercase)) {
        steps.push_back(NormalizerStep::decompose);
        steps.push_back(NormalizerStep::drop_nonspacing);
    }
    if (switches.lowercase) steps.push_back(NormalizerStep::lowercase);
    return steps;
}

}  // namespace embedloom::plugins
