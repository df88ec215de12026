// Checks the bytes of a config before the YAML parser sees them: it takes invalid UTF-8, and stops at byte
// 04, silently.
#include <embedloom/base/utf8.h>
#include <embedloom/config/source_text.h>
#include <embedloom/config/tree.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedloom::config {

namespace {

constexpr std::size_t sample_step = 64;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

std::string hexadecimal(char c) {
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    return buffer.data();
}

bool starts_as_utf16(std::string_view bytes) {
    return bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF" ||
           (bytes.size() >= 2 && (bytes[0] == '\0') != (bytes[1] == '\0'));
}

std::string with_plain_line_ends(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += bytes[i] == '\r' ? '\n' : bytes[i];
        if (bytes[i] == '\r' && bytes.substr(i + 1, 1) == "\n") ++i;
    }
    return out;
}

/// Notes the first byte that no config may hold, if there is one.
bool is_refused(std::string_view bytes, const Mark& start, Mistakes& mistakes) {
    const std::size_t invalid = std::min(base::first_invalid_utf8(bytes), bytes.size());
    const auto control =
        static_cast<std::size_t>(std::find_if(bytes.begin(), bytes.end(), is_control) - bytes.begin());
    const std::size_t bad = std::min(invalid, control);
    if (bad == bytes.size()) return false;
    const std::size_t begin = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    const std::string before = with_plain_line_ends(bytes.substr(begin, bad - begin));
    const TextIndex index(before);
    const Mark mark{start.source, index.line(before.size()), index.column(before.size())};
    const bool is_text = control < invalid;
    mistakes.add(mark, {.byte = bad,
                        .found = (is_text ? "control character " : "byte ") + hexadecimal(bytes[bad]),
                        .expected = is_text ? "text" : "UTF-8",
                        .hint = is_text ? "remove it, or write it as an escape in double quotes"
                                        : "save the file as UTF-8"});
    return true;
}

/// Lines "%..." before the document: only %YAML 1.x is understood; the parser would skip the others silently.
void check_directives(std::string_view text, Mark mark, Mistakes& mistakes) {
    for (; !text.empty(); ++mark.line) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t first = line.find_first_not_of(" \t");
        if (first == std::string_view::npos || line[first] == '#') continue;
        if (line[0] != '%') return;
        const bool is_known = line.substr(0, 8) == "%YAML 1." && line.size() > 8;
        if (!is_known)
            mistakes.add(mark, {.found = "the directive " + in_quotes(line),
                                .expected = "none, or %YAML 1.2",
                                .hint = "remove the line"});
    }
}

}  // namespace

SourceText clean(std::string_view bytes, const Mark& start, Mistakes& mistakes) {
    if (starts_as_utf16(bytes)) {
        mistakes.add(
            start, {.found = "UTF-16 or binary data", .expected = "UTF-8", .hint = "save the file as UTF-8"});
        return {.text = "", .is_refused = true};
    }
    if (is_refused(bytes, start, mistakes)) return {.text = "", .is_refused = true};
    if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
    SourceText out{.text = with_plain_line_ends(bytes)};
    check_directives(out.text, start, mistakes);
    return out;
}

TextIndex::TextIndex(std::string_view text) : text_(text), line_begins_{0} {
    std::uint64_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % sample_step == 0) samples_.push_back(characters);
        if (base::starts_character(text[i])) ++characters;
        if (text[i] == '\n') line_begins_.push_back(i + 1);
    }
}

std::uint64_t TextIndex::line(std::size_t byte) const {
    return static_cast<std::uint64_t>(std::upper_bound(line_begins_.begin(), line_begins_.end(), byte) -
                                      line_begins_.begin());
}

std::size_t TextIndex::line_begin(std::size_t byte) const {
    return line_begins_[line(byte) - 1];
}

std::uint64_t TextIndex::characters_before(std::size_t byte) const {
    if (samples_.empty()) return 0;
    const std::size_t sample = std::min(byte / sample_step, samples_.size() - 1);
    std::uint64_t characters = samples_[sample];
    for (std::size_t i = sample * sample_step; i < std::min(byte, text_.size()); ++i)
        characters += base::starts_character(text_[i]) ? 1 : 0;
    return characters;
}

}  // namespace embedloom::config
