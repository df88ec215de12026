// Checks the bytes of a config before the YAML parser sees them: it takes invalid UTF-8, and stops at byte
// 04, silently.
#include <embedloom/config/source_text.h>
#include <embedloom/config/tree.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace embedloom::config {

namespace {

constexpr std::size_t sample_step = 64;

unsigned byte_at(std::string_view text, std::size_t i) {
    return static_cast<unsigned char>(text[i]);
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

/// Bytes of the UTF-8 character at `i`, or 0 where it is malformed (overlong, surrogate, cut, above
/// U+10FFFF).
std::size_t character_length(std::string_view text, std::size_t i) {
    const unsigned lead = byte_at(text, i);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < length) return 0;
    for (std::size_t k = 1; k < length; ++k)
        if (!is_continuation(text[i + k])) return 0;
    const unsigned second = byte_at(text, i + 1);
    const bool is_bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return is_bad ? 0 : length;
}

bool is_control(unsigned byte) {
    return (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F;
}

std::string hexadecimal(unsigned byte) {
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%02X", byte);
    return buffer.data();
}

bool starts_as_utf16(std::string_view bytes) {
    return bytes.substr(0, 2) == "\xFF\xFE" || bytes.substr(0, 2) == "\xFE\xFF" ||
           (bytes.size() >= 2 && (bytes[0] == '\0') != (bytes[1] == '\0'));
}

/// Copies `bytes` with LF as the only line end; false at the first byte that no config may hold.
bool copy_checked(std::string_view bytes, Mark mark, SourceText& out, base::Error& error) {
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = character_length(bytes, i);
        const unsigned byte = byte_at(bytes, i);
        if (length == 0 || is_control(byte)) {
            error = at(mark, {.byte = i,
                              .found = (length == 0 ? "byte " : "control character ") + hexadecimal(byte)});
            error.expected = length == 0 ? "UTF-8" : "text";
            error.hint = length == 0 ? "save the file as UTF-8"
                                     : "remove it, or write it as an escape in double quotes";
            return false;
        }
        const bool ends_line = byte == '\n' || byte == '\r';
        out.text.append(ends_line ? "\n" : bytes.substr(i, length));
        i += byte == '\r' && bytes.substr(i + 1, 1) == "\n" ? 2 : length;
        mark.column = ends_line ? 1 : mark.column + 1;
        mark.line += ends_line ? 1 : 0;
    }
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
    SourceText out;
    if (starts_as_utf16(bytes)) {
        mistakes.add(
            start, {.found = "UTF-16 or binary data", .expected = "UTF-8", .hint = "save the file as UTF-8"});
        out.is_refused = true;
        return out;
    }
    const bool has_mark = bytes.substr(0, 3) == "\xEF\xBB\xBF";
    base::Error error;
    if (!copy_checked(bytes.substr(has_mark ? 3 : 0), start, out, error)) {
        error.byte += has_mark ? 3 : 0;
        mistakes.add(std::vector{error});
        return {.text = "", .is_refused = true};
    }
    check_directives(out.text, start, mistakes);
    return out;
}

TextIndex::TextIndex(std::string_view text) : text_(text), line_begins_{0} {
    std::uint64_t characters = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i % sample_step == 0) samples_.push_back(characters);
        if (!is_continuation(text[i])) ++characters;
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
        characters += is_continuation(text_[i]) ? 0 : 1;
    return characters;
}

}  // namespace embedloom::config
