// Validates UTF-8: 32 bytes at a time where they are ASCII, else character by character.
#include <embedloom/base/utf8.h>

#include <cstdint>
#include <cstring>

namespace embedloom::base {

namespace {

bool is_ascii(const unsigned char* at) {
    std::uint64_t words[4];
    std::memcpy(words, at, sizeof words);
    return ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) == 0;
}

constexpr bool is_tail(unsigned byte) { return (byte & 0xC0u) == 0x80u; }

/// Bytes of the character at `at`, of which `left` are there; 0: it is malformed.
std::size_t character_bytes(const unsigned char* at, std::size_t left) {
    const unsigned lead = at[0];
    if (lead < 0x80) return 1;
    if (lead < 0xE0) return lead >= 0xC2 && left >= 2 && is_tail(at[1]) ? 2 : 0;
    if (lead < 0xF0) {
        if (left < 3) return 0;
        const unsigned code = (lead & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
        return is_tail(at[1]) && is_tail(at[2]) && code >= 0x800 && (code < 0xD800 || code > 0xDFFF) ? 3 : 0;
    }
    if (left < 4 || lead > 0xF4) return 0;
    const unsigned top = (lead & 7u) << 6 | (at[1] & 63u);  // the code point without its lower 12 bits
    return is_tail(at[1]) && is_tail(at[2]) && is_tail(at[3]) && top >= 0x10 && top < 0x110 ? 4 : 0;
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t i = 0;
    while (i < text.size()) {
        if (bytes[i] < 0x80) {
            for (; text.size() - i >= 32 && is_ascii(bytes + i); i += 32) {}
            for (; i < text.size() && bytes[i] < 0x80; ++i) {}
            continue;
        }
        const std::size_t length = character_bytes(bytes + i, text.size() - i);
        if (length == 0) return i;
        i += length;
    }
    return std::string_view::npos;
}

}  // namespace embedloom::base
