// One line of a JSON-lines file: finds the fields that are wanted and checks all the rest.
#pragma once

#include "cursor.h"

#include <vector>

namespace embedloom::source {

enum class Surrogates { refuse, replace };

/// A field that every line must have once, and what the last line had there.
struct WantedField {
    enum class Type { text, integer, number };
    std::string name;
    Type type = Type::text;

    bool found = false;
    JsonString text;  // still escaped, borrowed from the line
    std::int64_t integer = 0;
    double number = 0;
};

/// Reads a line that is UTF-8 and fills `fields`; throws Fault: for what is no JSON object, and for a field that is missing,
/// there twice, or of another type. Lone surrogates count in wanted texts only: in others they are valid JSON.
void read_json_line(std::string_view line, std::vector<WantedField>& fields, Surrogates surrogates);

/// Gives the text of a string that read_json_line has checked, in pieces of UTF-8, to take(std::string_view).
template <class Take>
void unescape(const JsonString& text, Take&& take);

/// What an escape stands for.
struct Escape {
    std::uint32_t code_point = 0;
    std::size_t size = 0;  ///< bytes it takes in the line
    bool lone = false;     ///< a surrogate without its other half
};
Escape escape_at(std::string_view raw, std::size_t backslash);
/// A character as UTF-8.
struct Utf8Character {
    explicit Utf8Character(std::uint32_t code) {
        const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((code >> shift) & 0x3F)); };
        size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        constexpr unsigned leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        bytes[0] = static_cast<char>(leads[size] | (code >> (6 * (size - 1))));
        for (int i = 1; i < size; ++i) bytes[i] = tail(6 * (size - 1 - i));
    }
    char bytes[4] = {};
    std::uint8_t size = 0;  // 1 to 4; so small that compilers see that no text of it is long
};

template <class Take>
void unescape(const JsonString& text, Take&& take) {
    std::string_view rest = text.raw;
    if (text.escaped)
        for (std::size_t at; (at = rest.find('\\')) != std::string_view::npos;) {
            if (at) take(rest.substr(0, at));
            const Escape escape = escape_at(rest, at);
            const Utf8Character character(escape.lone ? 0xFFFD : escape.code_point);
            take(std::string_view(character.bytes, character.size));
            rest.remove_prefix(at + escape.size);
        }
    if (!rest.empty()) take(rest);
}

}  // namespace embedloom::source
