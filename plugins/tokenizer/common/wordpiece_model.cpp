// Building a WordPiece tokenizer, cutting one word, and decoding.
#include "wordpiece_model.h"

#include <array>

#include "aligned_text.h"
#include "failure.h"
#include "vocab_file.h"

namespace embedloom::plugins {

namespace {

/// The fused form of clean, part_ideographs, decompose + drop_nonspacing, lowercase, in this order, each at
/// most once.
std::optional<FusedSteps> fuse(const std::vector<NormalizerStep>& steps) {
    FusedSteps fused;
    auto at = steps.begin();
    const auto take = [&](NormalizerStep step) { return at != steps.end() && *at == step && (++at, true); };
    fused.clean = take(NormalizerStep::clean);
    fused.part_ideographs = take(NormalizerStep::part_ideographs);
    fused.strip_accents = take(NormalizerStep::decompose);
    if (fused.strip_accents && !take(NormalizerStep::drop_nonspacing)) return std::nullopt;
    fused.lowercase = take(NormalizerStep::lowercase);
    return at == steps.end() ? std::optional(fused) : std::nullopt;
}

/// The vocabulary as a trie; with a prefix, of the tokens that have it, without it.
ByteTrie trie_of(const std::vector<std::string>& tokens, std::string_view prefix) {
    std::vector<ByteTrie::Entry> entries;
    entries.reserve(tokens.size());
    for (std::size_t id = 0; id < tokens.size(); ++id)
        if (const std::string_view token = tokens[id];
            token.size() > prefix.size() && token.starts_with(prefix))
            entries.emplace_back(token.substr(prefix.size()), static_cast<std::uint32_t>(id));
    return ByteTrie(std::move(entries));
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// What the WordPiece decoder's `cleanup` does to each token with the blank before it.
void clean_up(std::string& text) {
    static constexpr std::array<std::array<std::string_view, 2>, 11> replacements{{{" .", "."},
                                                                                   {" ?", "?"},
                                                                                   {" !", "!"},
                                                                                   {" ,", ","},
                                                                                   {" ' ", "'"},
                                                                                   {" n't", "n't"},
                                                                                   {" 'm", "'m"},
                                                                                   {" do not", " don't"},
                                                                                   {" 's", "'s"},
                                                                                   {" 've", "'ve"},
                                                                                   {" 're", "'re"}}};
    for (const auto& [from, to] : replacements) replace_all(text, from, to);
}

}  // namespace

WordPieceModel::WordPieceModel(WordPieceSpec spec) : spec_(std::move(spec)) {
    if (spec_.tokens.size() > most_tokens || spec_.added.size() > most_tokens)
        throw LoadFailure("more tokens than that", "at most " + std::to_string(most_tokens));
    texts_.assign(spec_.tokens.begin(), spec_.tokens.end());
    starts_ = trie_of(spec_.tokens, "");
    continuations_ = trie_of(spec_.tokens, spec_.continuing_prefix);
    add_tokens();
    const auto role = [this](const std::string& name) {
        return name.empty() ? none : find(name).value_or(none);
    };
    roles_ = {starts_.find(spec_.roles.unk).value_or(none), role(spec_.roles.cls), role(spec_.roles.sep),
              role(spec_.roles.pad), role(spec_.roles.mask)};
    if (roles_.unk == none)
        throw LoadFailure("no token " + shown(spec_.roles.unk), "the unknown token in the vocabulary",
                          "words without pieces become it");
    fused_ = fuse(spec_.normalizer);
}

void WordPieceModel::add_tokens() {
    std::vector<AddedMatcher::Pattern> raw, normal;
    std::vector<ByteTrie::Entry> entries;
    for (const AddedToken& token : spec_.added) {
        if (token.id > texts_.size())
            throw LoadFailure("added token " + shown(token.content) + " with id " + std::to_string(token.id),
                              "ids without a gap: " + std::to_string(texts_.size()));
        if (token.id == texts_.size()) texts_.emplace_back(token.content);
        entries.emplace_back(token.content, token.id);
    }
    special_.resize(texts_.size());
    // Hugging Face lists special tokens first, which decides between tokens that are found by the same bytes.
    for (const bool special : {true, false})
        for (const AddedToken& token : spec_.added) {
            if (token.special != special) continue;
            special_[token.id] = special;
            if (token.normalized)
                normal.push_back({&token, normalized(token.content, spec_.normalizer)});
            else
                raw.push_back({&token, token.content});
        }
    added_ = ByteTrie(std::move(entries));
    raw_matcher_ = AddedMatcher(std::move(raw), spec_.special_text);
    normalized_matcher_ = AddedMatcher(std::move(normal), spec_.special_text);
}

std::optional<std::uint32_t> WordPieceModel::find(std::string_view token) const {
    const auto added = added_.find(token);
    return added ? added : starts_.find(token);
}

void WordPieceModel::pieces(std::string_view word, std::uint32_t chars,
                            std::vector<std::uint32_t>& out) const {
    out.clear();
    const char* at = word.data();
    const char* const end = at + word.size();
    if (chars <= spec_.max_chars_per_word)
        while (at < end) {
            const ByteTrie::Match match = (out.empty() ? starts_ : continuations_).longest(at, end);
            if (match.size == 0) break;
            out.push_back(match.value);
            at += match.size;
        }
    if (at < end) out.assign(1, roles_.unk);
}

std::string WordPieceModel::decode(std::span<const std::uint32_t> ids, Specials specials) const {
    std::string out, part;
    const auto& prefix = spec_.decoder.prefix;
    bool first = true;
    for (const std::uint32_t id : ids) {
        if (id >= size() || (specials == Specials::skip && special_[id])) continue;
        const std::string_view text = token(id);
        const bool continues = !first && prefix && text.starts_with(*prefix);
        part.clear();
        if (!first && !continues) part.push_back(' ');
        part += text.substr(continues ? prefix->size() : 0);
        if (prefix && spec_.decoder.cleanup) clean_up(part);
        out += part;
        first = false;
    }
    return out;
}

}  // namespace embedloom::plugins
