// How an error is written: a line for people, a JSON object for machines.
#include <embedloom/base/error.h>

#include <embedloom/base/utf8.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace embedloom::base {

namespace {

/// Bytes of the UTF-8 character at the start of `text`, or 0 where it is malformed (overlong, surrogate, cut).
std::size_t utf8_length(std::string_view text) {
    for (std::size_t length = 1; length <= std::min<std::size_t>(text.size(), 4); ++length)
        if (first_invalid_utf8(text.substr(0, length)) == std::string_view::npos) return length;
    return 0;
}

void append_escaped(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\t': out += "\\t"; return;
        case '\r': out += "\\r"; return;
        default: break;
    }
    if (static_cast<unsigned char>(c) >= 0x20) {
        out += c;
        return;
    }
    std::array<char, 8> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(c));
    out += buffer.data();
}

/// "file:line:column", "file: byte 17" or "file".
std::string place(const Error& error) {
    std::string out = error.source;
    if (error.line != no_place) out += (out.empty() ? "line " : ":") + std::to_string(error.line);
    if (error.line != no_place && error.column != no_place) out += ":" + std::to_string(error.column);
    if (error.byte != no_place) out += (out.empty() ? "byte " : ": byte ") + std::to_string(error.byte);
    return out;
}

std::string_view severity_name(Severity severity) {
    return severity == Severity::note ? "note" : severity == Severity::warning ? "warning" : "error";
}

/// On a terminal, bytes of a file's name or a tensor's name must not act: control characters become \n or \x1B, and so does
/// what is no UTF-8.
std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const auto byte = static_cast<unsigned char>(text[0]);
        if (length == 1 && byte >= 0x20 && byte != 0x7F) {
            out += text[0];
        } else if (length > 1 && !(byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0)) {
            out += text.substr(0, length);
        } else if (byte == '\n') {
            out += "\\n";
        } else {
            std::array<char, 8> buffer{};
            for (std::size_t i = 0; i < std::max<std::size_t>(length, 1); ++i) {
                std::snprintf(buffer.data(), buffer.size(), "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(text[i])));
                out += buffer.data();
            }
        }
        text.remove_prefix(length ? length : 1);
    }
    return out;
}

}  // namespace

std::string one_line(const Error& error) {
    std::string out;
    const auto part = [&](const std::string& text, const char* before) {
        if (!text.empty()) out += (out.empty() ? "" : before) + text;
    };
    part(place(error), "");
    part(error.key_path.empty() ? error.stage : error.key_path, ": ");
    part(error.plugin, ": ");
    part(error.found.empty() ? "" : "found " + error.found, ": ");
    part(error.expected.empty() ? "" : "expected " + error.expected, error.found.empty() ? ": " : ", ");
    part(error.hint, "; ");
    if (!error.cause.empty()) out += " [" + error.cause + "]";
    return shown(out);
}

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 1)
            append_escaped(out, text[0]);
        else
            out += length ? std::string(text.substr(0, length)) : "\xEF\xBF\xBD";
        text.remove_prefix(length ? length : 1);
    }
    return out + "\"";
}

std::string to_json(const Error& error) {
    std::string out = "{\"code\":" + std::to_string(static_cast<int>(error.code)) +
                      ",\"severity\":" + json_quote(severity_name(error.severity));
    const auto text = [&](const char* name, const std::string& value) {
        if (!value.empty()) out += std::string(",\"") + name + "\":" + json_quote(value);
    };
    const auto number = [&](const char* name, std::uint64_t value) {
        if (value != no_place) out += std::string(",\"") + name + "\":" + std::to_string(value);
    };
    text("stage", error.stage);
    text("plugin", error.plugin);
    text("source", error.source);
    number("byte", error.byte);
    number("line", error.line);
    number("column", error.column);
    text("key_path", error.key_path);
    text("found", error.found);
    text("expected", error.expected);
    text("hint", error.hint);
    text("cause", error.cause);
    return out + "}";
}

Failure::Failure(std::vector<Error> errors) : errors_(std::move(errors)) {
    if (errors_.empty()) errors_.push_back({.hint = "an error without a description: this is a bug"});
    for (const Error& error : errors_) text_ += (text_.empty() ? "" : "\n") + one_line(error);
}

}  // namespace embedloom::base
