// Starts and ends of lines and paragraphs.
#include "units.h"

#include <cstring>

namespace embedloom::source {

namespace {

std::size_t find_newline(std::string_view bytes, std::size_t from) {
    if (from >= bytes.size()) return npos;
    const void* found = std::memchr(bytes.data() + from, '\n', bytes.size() - from);
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) : npos;
}

enum class Blank { no, yes, unknown };

/// Whether the line that starts at `at` is blank; sets `next` to the one after it.
Blank blank_line(const Window& window, std::size_t at, std::size_t& next) {
    const std::string_view bytes = window.bytes;
    const auto lacking = window.at_end ? Blank::no : Blank::unknown;
    if (at >= bytes.size()) return lacking;
    if (bytes[at] == '\n') return next = at + 1, Blank::yes;
    if (bytes[at] != '\r') return Blank::no;
    if (at + 1 >= bytes.size()) return lacking;
    return bytes[at + 1] == '\n' ? (next = at + 2, Blank::yes) : Blank::no;
}

/// Whether the line that ends with the newline at `newline` is blank.
bool ends_blank_line(const Window& window, std::size_t newline) {
    const std::string_view bytes = window.bytes;
    if (newline == 0) return window.at_start;
    if (bytes[newline - 1] == '\n') return true;
    if (bytes[newline - 1] != '\r') return false;
    return newline == 1 ? window.at_start : bytes[newline - 2] == '\n';
}

}  // namespace

std::size_t skip_blank(const Window& window, std::size_t from, Unit unit) {
    if (unit == Unit::files) return from;
    Blank blank;
    while ((blank = blank_line(window, from, from)) == Blank::yes) {}
    return blank == Blank::unknown ? npos : from;
}

std::size_t end_of_record(const Window& window, std::size_t from, Unit unit) {
    const std::size_t size = window.bytes.size();
    if (unit == Unit::files) return window.at_end ? size : npos;
    for (;;) {
        const std::size_t newline = find_newline(window.bytes, from);
        if (newline == npos) return window.at_end ? size : npos;
        from = newline + 1;
        if (unit == Unit::lines || (window.at_end && from == size)) return from;
        std::size_t next = 0;
        switch (blank_line(window, from, next)) {
            case Blank::yes: return from;
            case Blank::unknown: return npos;
            case Blank::no: break;
        }
    }
}

bool is_between(const Window& window, std::size_t at, Unit unit) {
    if (at == 0) return window.at_start;
    if (unit == Unit::files || window.bytes[at - 1] != '\n') return false;
    return unit == Unit::lines || ends_blank_line(window, at - 1);
}

std::size_t find_between(const Window& window, std::size_t from, Unit unit) {
    if (is_between(window, from, unit)) return from;
    if (unit == Unit::files) return npos;
    for (std::size_t at = from;;) {
        const std::size_t newline = find_newline(window.bytes, at);
        if (newline == npos) return npos;
        at = newline + 1;
        if (is_between(window, at, unit)) return at;
    }
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
        if (line.ends_with('\r')) line.remove_suffix(1);
    }
    return line;
}

}  // namespace embedloom::source
