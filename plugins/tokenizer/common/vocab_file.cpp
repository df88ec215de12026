// Reading a vocab.txt.
// link: simdjson
#include "vocab_file.h"

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

#include "failure.h"
#include "unicode.h"
#include "utf8.h"
#include "wordpiece_spec.h"

namespace embedloom::plugins {

namespace {

constexpr std::size_t most_file_bytes = std::size_t{256} << 20;

/// What the file starts with when it is no vocabulary; empty when nothing is known.
std::string_view looks_like(std::string_view bytes) {
    using namespace std::string_view_literals;
    const auto starts = [&](std::string_view with) { return bytes.substr(0, with.size()) == with; };
    if (bytes.empty()) return "an empty file";
    if (starts("version https://git-lfs")) return "a Git-LFS pointer";
    if (starts("\x1F\x8B"sv)) return "a gzip file";
    if (starts("PK\x03\x04"sv)) return "a zip file";
    if (starts("\x28\xB5\x2F\xFD"sv)) return "a zstd file";
    if (starts("\xFF\xFE"sv) || starts("\xFE\xFF"sv)) return "UTF-16 text";
    std::string head(bytes.substr(0, 256));
    std::transform(head.begin(), head.end(), head.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t at = head.find_first_not_of(" \t\r\n");
    if (at != head.npos && (head.compare(at, 9, "<!doctype") == 0 || head.compare(at, 5, "<html") == 0))
        return "an HTML page";
    return {};
}

std::string_view without_trailing_space(std::string_view line) {
    const Unicode& unicode = Unicode::tables();
    while (!line.empty()) {
        const char* last = before(line.data(), line.data() + line.size());
        if (!(unicode.flags(decode(last).code_point) & cp_space)) break;
        line = line.substr(0, static_cast<std::size_t>(last - line.data()));
    }
    return line;
}

std::vector<std::string> lines_of(std::string_view bytes) {
    std::vector<std::string> lines;
    if (std::count(bytes.begin(), bytes.end(), '\n') > std::ptrdiff_t{most_tokens})
        throw LoadFailure("more lines than that", "at most " + std::to_string(most_tokens) + " tokens");
    while (!bytes.empty()) {
        const std::size_t end = std::min(bytes.find('\n'), bytes.size());
        lines.emplace_back(without_trailing_space(bytes.substr(0, end)));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
}

}  // namespace

std::uint64_t first_bad_byte(std::string_view bytes) {
    std::size_t at = 0;
    for (std::size_t size = 1; at < bytes.size(); at += size) {
        const auto lead = static_cast<unsigned char>(bytes[at]);
        size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (size > bytes.size() - at || !simdjson::validate_utf8(bytes.data() + at, size)) break;
    }
    return at;
}

void refuse_foreign(std::string_view bytes, const char* kind) {
    if (const std::string_view like = looks_like(bytes); !like.empty())
        throw LoadFailure(std::string(like), kind,
                          like == "a Git-LFS pointer" ? "fetch the file itself: git lfs pull"
                          : like == "an HTML page"    ? "the download went wrong: get the file itself"
                          : like == "an empty file"   ? "was its download or copy cut short?"
                                                      : "");
    if (bytes.size() > most_file_bytes)
        throw LoadFailure("a file of " + std::to_string(bytes.size()) + " bytes",
                          std::string(kind) + ", at most " + std::to_string(most_file_bytes) + " bytes");
    if (!simdjson::validate_utf8(bytes.data(), bytes.size()))
        throw LoadFailure("bytes that are not UTF-8", kind, "", no_place, first_bad_byte(bytes));
}

std::vector<std::string> read_vocab_txt(std::string_view bytes) {
    refuse_foreign(bytes, "a vocab.txt: a token a line");
    if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
    std::vector<std::string> lines = lines_of(bytes);
    if (lines.empty()) throw LoadFailure("no token", "a token a line");
    std::unordered_map<std::string_view, std::size_t> first_line;
    first_line.reserve(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].empty()) throw LoadFailure("an empty line", "a token a line", "", i + 1);
        if (lines[i].size() > longest_token)
            throw LoadFailure("a token of " + std::to_string(lines[i].size()) + " bytes",
                              "at most " + std::to_string(longest_token),
                              bytes.front() == '{' ? "is it a tokenizer.json? then its name must end in .json" : "", i + 1);
        const auto [known, fresh] = first_line.try_emplace(lines[i], i + 1);
        if (!fresh)
            throw LoadFailure(
                "token " + shown(lines[i]) + " of line " + std::to_string(known->second) + " again",
                "every token once", "", i + 1);
    }
    return lines;
}

WordPieceSpec vocab_txt_spec(std::vector<std::string> vocabulary, const BertSwitches& switches,
                             const RoleNames& roles) {
    WordPieceSpec spec;
    spec.tokens = std::move(vocabulary);
    spec.normalizer = bert_steps(switches);
    spec.roles = roles;
    for (const std::string* name : {&roles.unk, &roles.sep, &roles.cls, &roles.pad, &roles.mask}) {
        const auto at = std::find(spec.tokens.begin(), spec.tokens.end(), *name);
        const auto same = [&](const AddedToken& token) { return token.content == *name; };
        if (at == spec.tokens.end() || std::any_of(spec.added.begin(), spec.added.end(), same)) continue;
        spec.added.push_back(
            {.content = *name, .id = static_cast<std::uint32_t>(at - spec.tokens.begin()), .special = true});
    }
    return spec;
}

}  // namespace embedloom::plugins
