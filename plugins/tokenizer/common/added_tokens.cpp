// Cutting a text at its added tokens.
#include "added_tokens.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "failure.h"
#include "unicode.h"
#include "utf8.h"

namespace embedloom::plugins {

namespace {

bool has(std::uint32_t flag, const char* at) {
    return Unicode::tables().flags(decode(at).code_point) & flag;
}

/// Where the white space that ends at `end` begins, not before `low`.
std::size_t space_before(std::string_view text, std::size_t end, std::size_t low) {
    while (end > low) {
        const auto begin = static_cast<std::size_t>(before(text.data(), text.data() + end) - text.data());
        if (!has(cp_space, text.data() + begin)) break;
        end = begin;
    }
    return std::max(end, low);
}

std::size_t space_after(std::string_view text, std::size_t at) {
    while (at < text.size() && has(cp_space, text.data() + at)) at += decode(text.data() + at).size;
    return at;
}

}  // namespace

AddedMatcher::AddedMatcher(std::vector<Pattern> patterns, SpecialText special_text)
    : patterns_(std::move(patterns)), special_text_(special_text) {
    std::vector<ByteTrie::Entry> entries;
    std::unordered_set<std::string_view> known;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        const std::string& bytes = patterns_[i].bytes;
        if (bytes.empty())
            throw LoadFailure("added token " + shown(patterns_[i].token->content) +
                                  ", of which nothing is left when normalized",
                              "a token that can be found");
        if (known.insert(bytes).second) entries.emplace_back(bytes, static_cast<std::uint32_t>(i));
        if (std::find(first_bytes_.begin(), first_bytes_.end(), bytes[0]) == first_bytes_.end())
            first_bytes_.push_back(bytes[0]);
    }
    trie_ = ByteTrie(std::move(entries));
}

std::optional<AddedMatcher::Found> AddedMatcher::find(std::string_view text, std::size_t from) const {
    const char* const end = text.data() + text.size();
    for (const char* at = text.data() + from; at < end; ++at) {
        if (first_bytes_.size() == 1) {
            at = static_cast<const char*>(
                std::memchr(at, first_bytes_[0], static_cast<std::size_t>(end - at)));
            if (!at) return std::nullopt;
        } else if (!trie_.begins(*at)) {
            continue;
        }
        const ByteTrie::Match match = trie_.longest(at, end);
        if (match.size == 0) continue;
        const auto begin = static_cast<std::size_t>(at - text.data());
        return Found{patterns_[match.value].token, begin, begin + match.size};
    }
    return std::nullopt;
}

bool AddedMatcher::refused(const AddedToken& token, std::string_view text, std::size_t begin,
                           std::size_t end) const {
    if (special_text_ == SpecialText::text && token.special) return true;
    if (!token.single_word) return false;
    const char* const data = text.data();
    return (begin > 0 && has(cp_word, before(data, data + begin))) ||
           (end < text.size() && has(cp_word, data + end));
}

bool AddedMatcher::Cutter::next(TextPart& part) {
    if (waiting_) {
        part = *waiting_;
        waiting_.reset();
        return true;
    }
    while (const auto found = matcher_.find(text_, search_)) {
        search_ = found->end;
        if (matcher_.refused(*found->token, text_, found->begin, found->end)) continue;
        const std::size_t begin =
            found->token->lstrip ? space_before(text_, found->begin, done_) : found->begin;
        const std::size_t end = found->token->rstrip ? space_after(text_, found->end) : found->end;
        const TextPart token{found->token, std::min(begin, end), end};
        const std::size_t covered = std::exchange(done_, end);
        if (covered < token.begin) {
            waiting_ = token;
            part = {nullptr, covered, token.begin};
        } else {
            part = token;
        }
        return true;
    }
    if (done_ >= text_.size()) return false;
    part = {nullptr, done_, text_.size()};
    done_ = search_ = text_.size();
    return true;
}

}  // namespace embedloom::plugins
