// The JSON grammar, byte by byte where it must, 32 bytes at a time where it can.
#include "cursor.h"

#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace embedloom::source {

namespace {

constexpr std::size_t block = 32;

/// Whether a string goes on over all 32 bytes. A loop without branches, so that compilers make vector code of it.
bool plain(const char* bytes) {
    unsigned special = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        special |= static_cast<unsigned>(byte == '"') | static_cast<unsigned>(byte == '\\') | static_cast<unsigned>(byte < 0x20);
    }
    return special == 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string shown(char c) {
    const auto byte = static_cast<unsigned char>(c);
    char text[16];
    std::snprintf(text, sizeof text, byte >= 0x21 && byte <= 0x7E ? "`%c`" : "the byte %02X", byte);
    return text;
}

}  // namespace

std::uint32_t unit_of(const char* digits) {
    std::uint32_t unit = 0;
    std::from_chars(digits, digits + 4, unit, 16);
    return unit;
}

void Cursor::fail_at(std::size_t at, std::string found, std::string expected, std::string hint) const {
    throw Fault{at, std::move(found), std::move(expected), std::move(hint)};
}

void Cursor::fail(std::string expected, std::string hint) const {
    if (at_ == end_) {
        if (hint.empty()) hint = "a record must be whole on one line; or the file was cut here";
        fail_at(at(), "the end of the line", std::move(expected), std::move(hint));
    }
    fail_at(at(), shown(*at_), std::move(expected), std::move(hint));
}

char Cursor::peek() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
    return at_ == end_ ? '\0' : *at_;
}

bool Cursor::take(char c) {
    if (peek() != c || at_ == end_) return false;
    ++at_;
    return true;
}

JsonString Cursor::string() {
    if (!take('"')) fail("a string");
    const char* const first = at_;
    JsonString out{{}, at(), false};
    for (;;) {
        while (static_cast<std::size_t>(end_ - at_) >= block && plain(at_)) at_ += block;
        while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
        if (at_ == end_) fail("`\"`, the string's end");
        if (*at_ == '"') break;
        if (*at_ != '\\') fail("a string without raw control characters", "write them as escapes: \\n, \\t, \\u001f");
        out.escaped = true;
        escape();
    }
    out.raw = {first, static_cast<std::size_t>(at_ - first)};
    ++at_;
    return out;
}

void Cursor::escape() {
    ++at_;
    if (at_ == end_) fail("an escape");
    if (*at_ != 'u') {
        if (!std::memchr("\"\\/bfnrt", *at_, 8)) fail("one of \" \\ / b f n r t u after a backslash");
        ++at_;
        return;
    }
    ++at_;
    for (int i = 0; i < 4; ++i, ++at_)
        if (at_ == end_ || !is_hex(*at_)) fail("four hexadecimal digits after \\u");
}

void Cursor::digits() {
    if (at_ == end_ || !is_digit(*at_)) fail("a digit");
    while (at_ != end_ && is_digit(*at_)) ++at_;
}

void Cursor::literal(std::string_view word) {
    for (const char c : word) {
        if (at_ == end_ || *at_ != c) fail(std::string("`").append(word).append("`"));
        ++at_;
    }
}

JsonString Cursor::key() {
    if (peek() != '"' || at_ == end_) {
        const bool comma = at_ != end_ && *at_ == '}';
        const bool bare = at_ != end_ && (std::isalpha(static_cast<unsigned char>(*at_)) || *at_ == '\'' || *at_ == '_');
        const bool comment = at_ != end_ && *at_ == '/';
        fail("a name in double quotes", comma     ? "no comma after the last value"
                                        : bare    ? "names and texts need double quotes"
                                        : comment ? "JSON has no comments"
                                                  : "");
    }
    const JsonString name = string();
    if (!take(':')) fail("`:`");
    return name;
}

/// A value that is no container. False: it is one.
bool Cursor::scalar() {
    const char c = peek();
    if (at_ == end_) fail("a value");
    if (c == '{' || c == '[') return false;
    if (c == '"') {
        string();
    } else if (c == '-' || is_digit(c)) {
        number();
    } else if (c == 't') {
        literal("true");
    } else if (c == 'f') {
        literal("false");
    } else if (c == 'n') {
        literal("null");
    } else {
        const bool python = c == 'N' || c == 'I' || c == 'T' || c == 'F';
        fail("a value", python      ? "JSON writes true, false and null, and has no NaN or Infinity: json.dumps(..., allow_nan=False)"
                        : c == '\'' ? "texts need double quotes"
                        : c == '/'  ? "JSON has no comments"
                        : c == ']'  ? "no comma after the last value"
                                    : "");
    }
    return true;
}

void Cursor::skip_value(int depth) {
    std::uint64_t objects = 0;  // bit d: the container at depth d is an object
    const int outside = depth;
    for (;;) {
        if (!scalar()) {
            if (depth == max_depth) fail("at most " + std::to_string(max_depth) + " levels");
            const bool object = *at_++ == '{';
            objects = (objects & ~(std::uint64_t{1} << depth)) | (std::uint64_t{object} << depth);
            ++depth;
            if (!take(object ? '}' : ']')) {
                if (object) key();
                continue;
            }
            --depth;
        }
        for (;;) {  // behind a value
            if (depth == outside) return;
            const bool object = (objects >> (depth - 1)) & 1;
            if (take(',')) {
                if (object) key();
                break;
            }
            if (!take(object ? '}' : ']')) fail(object ? "`,` or `}`" : "`,` or `]`");
            --depth;
        }
    }
}

}  // namespace embedloom::source
