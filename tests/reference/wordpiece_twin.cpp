// The plain WordPiece: normalize, cut, look every substring up.
#include "reference/wordpiece_twin.h"

#include <algorithm>
#include <map>

#include "tokenizer/common/unicode.h"
#include "tokenizer/common/utf8.h"

namespace embedloom::reference {

namespace {

using namespace plugins;

/// A character on its way and the bytes of the text that it stands for.
struct Char {
    std::uint32_t code, begin, end;
};
using Chars = std::vector<Char>;

bool is(const Char& c, std::uint32_t flag) {
    return Unicode::tables().flags(c.code) & flag;
}

Chars chars_of(std::string_view text, std::size_t base) {
    Chars out;
    for (std::size_t at = 0; at < text.size();) {
        const Decoded decoded = decode(text.data() + at);
        out.push_back({decoded.code_point, static_cast<std::uint32_t>(base + at),
                       static_cast<std::uint32_t>(base + at + decoded.size)});
        at += decoded.size;
    }
    return out;
}

std::string bytes_of(const Chars& chars) {
    std::string out;
    for (const Char& c : chars) append(out, c.code);
    return out;
}

Chars without(const Chars& chars, std::uint32_t flag) {
    Chars out;
    for (const Char& c : chars)
        if (!is(c, flag)) out.push_back(c);
    return out;
}

Chars nfd(const Chars& chars) {
    const Unicode& unicode = Unicode::tables();
    std::vector<std::pair<std::uint32_t, bool>>
        parts;  // code point, whether it is the first of its character
    for (const Char& c : chars) {
        std::array<std::uint32_t, 4> to;
        const std::uint32_t count = unicode.decompose(c.code, to);
        for (std::uint32_t i = 0; i < count; ++i) parts.emplace_back(to[i], i == 0);
    }
    // Bubble neighbours of falling class, never past a starter.
    for (bool moved = true; moved;) {
        moved = false;
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const std::uint32_t a = unicode.combining_class(parts[i - 1].first),
                                b = unicode.combining_class(parts[i].first);
            if (b == 0 || a <= b) continue;
            std::swap(parts[i - 1], parts[i]);
            moved = true;
        }
    }
    Chars out;
    std::size_t source = 0;
    for (const auto& [code, first] : parts) {
        source += first;
        out.push_back({code, chars[source - 1].begin, chars[source - 1].end});
    }
    return out;
}

Chars step(NormalizerStep what, const Chars& chars) {
    if (what == NormalizerStep::decompose) return nfd(chars);
    if (what == NormalizerStep::drop_nonspacing) return without(chars, cp_nonspacing);
    if (what == NormalizerStep::drop_combining) return without(chars, cp_combining);
    Chars out;
    for (const Char& c : chars) {
        if (what == NormalizerStep::clean && is(c, cp_dropped)) continue;
        const bool alone = what == NormalizerStep::part_ideographs && is(c, cp_ideograph);
        if (alone) out.push_back({' ', c.begin, c.end});
        out.push_back(c);
        if (alone) out.push_back({' ', c.begin, c.end});
        if (what == NormalizerStep::clean && is(c, cp_to_space)) out.back().code = ' ';
        if (what == NormalizerStep::lowercase) {
            out.back().code = Unicode::tables().lower(c.code);
            if (c.code == 0x130) out.push_back({0x307, c.begin, c.end});
        }
    }
    return out;
}

Chars normalize(const WordPieceSpec& spec, Chars chars) {
    for (const NormalizerStep what : spec.normalizer) chars = step(what, chars);
    return chars;
}

/// A stretch of characters, or an added token that stands for them.
struct Part {
    Chars chars;
    const AddedToken* token;
};

const AddedToken* longest_at(const WordPieceSpec& spec, const Chars& chars, std::size_t at, bool normalized,
                             std::size_t& size) {
    const AddedToken* best = nullptr;
    size = 0;
    for (const bool special : {true, false})
        for (const AddedToken& token : spec.added) {
            if (token.special != special || token.normalized != normalized) continue;
            Chars look = chars_of(token.content, 0);
            if (normalized) look = normalize(spec, look);
            const auto same = [](const Char& a, const Char& b) { return a.code == b.code; };
            const bool here =
                look.size() <= chars.size() - at &&
                std::equal(look.begin(), look.end(), chars.begin() + static_cast<std::ptrdiff_t>(at), same);
            if (here && look.size() > size) best = &token, size = look.size();
        }
    return best;
}

std::vector<Part> cut(const WordPieceSpec& spec, const Chars& chars, bool normalized) {
    std::vector<Part> parts;
    const auto slice = [&](std::size_t a, std::size_t b) {
        return Chars(chars.begin() + static_cast<std::ptrdiff_t>(a),
                     chars.begin() + static_cast<std::ptrdiff_t>(b));
    };
    std::size_t done = 0;
    for (std::size_t at = 0, size = 0; at < chars.size(); at += std::max<std::size_t>(size, 1)) {
        const AddedToken* token = longest_at(spec, chars, at, normalized, size);
        if (!token || (token->special && spec.special_text == SpecialText::text)) continue;
        std::size_t begin = at, end = at + size;
        if (token->single_word &&
            ((begin > 0 && is(chars[begin - 1], cp_word)) || (end < chars.size() && is(chars[end], cp_word))))
            continue;
        while (token->lstrip && begin > done && is(chars[begin - 1], cp_space)) --begin;
        if (token->lstrip) begin = std::max(begin, done);
        while (token->rstrip && end < chars.size() && is(chars[end], cp_space)) ++end;
        if (done < begin) parts.push_back({slice(done, begin), nullptr});
        if (begin < end) parts.push_back({slice(begin, end), token});
        done = end;
    }
    if (done < chars.size()) parts.push_back({slice(done, chars.size()), nullptr});
    return parts;
}

std::vector<Chars> words_of(const Chars& chars) {
    std::vector<Chars> words(1);
    for (const Char& c : chars) {
        if (is(c, cp_space) || is(c, cp_punctuation)) words.emplace_back();
        if (is(c, cp_space)) continue;
        words.back().push_back(c);
        if (is(c, cp_punctuation)) words.emplace_back();
    }
    std::erase_if(words, [](const Chars& word) { return word.empty(); });
    return words;
}

void pieces(const WordPieceSpec& spec, const std::map<std::string, std::uint32_t>& ids, const Chars& word,
            std::uint32_t number, std::vector<TwinToken>& out) {
    std::vector<TwinToken> found;
    for (std::size_t begin = 0, end = 0; begin < word.size() && word.size() <= spec.max_chars_per_word;
         begin = end) {
        for (end = word.size(); end > begin; --end) {
            const Chars piece(word.begin() + static_cast<std::ptrdiff_t>(begin),
                              word.begin() + static_cast<std::ptrdiff_t>(end));
            const auto known = ids.find((begin ? spec.continuing_prefix : "") + bytes_of(piece));
            if (known == ids.end()) continue;
            found.push_back({known->second, piece.front().begin, piece.back().end, number});
            break;
        }
        if (end == begin) {
            found.clear();
            break;
        }
    }
    if (found.empty()) found.push_back({ids.at(spec.roles.unk), word.front().begin, word.back().end, number});
    out.insert(out.end(), found.begin(), found.end());
}

}  // namespace

std::vector<TwinToken> wordpiece_twin(const WordPieceSpec& spec, std::string_view text) {
    std::map<std::string, std::uint32_t> ids;
    for (std::size_t id = 0; id < spec.tokens.size(); ++id)
        ids[spec.tokens[id]] = static_cast<std::uint32_t>(id);
    std::vector<TwinToken> out;
    std::uint32_t number = 0;
    for (const Part& raw : cut(spec, chars_of(text, 0), false)) {
        std::vector<Part> parts{raw};
        if (!raw.token) parts = cut(spec, normalize(spec, raw.chars), true);
        for (const Part& part : parts) {
            if (part.token)
                out.push_back({part.token->id, part.chars.front().begin, part.chars.back().end, number++});
            else
                for (const Chars& word : words_of(part.chars)) pieces(spec, ids, word, number++, out);
        }
    }
    return out;
}

}  // namespace embedloom::reference
