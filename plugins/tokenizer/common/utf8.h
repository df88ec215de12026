// UTF-8 of valid text, one code point at a time.
#pragma once

#include <cstdint>
#include <string>

namespace embedloom::plugins {

/// A code point and how many bytes it took.
struct Decoded {
    std::uint32_t code_point;
    std::uint32_t size;
};

/// The code point at `at`, which must be the first byte of a whole one in valid UTF-8.
inline Decoded decode(const char* at) {
    const auto byte = [at](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])); };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    if (lead < 0xE0) return {(lead & 0x1F) << 6 | (byte(1) & 0x3F), 2};
    if (lead < 0xF0) return {(lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
    return {(lead & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

/// Bytes that encode() writes for a code point.
constexpr std::uint32_t encoded_size(std::uint32_t c) {
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/// Writes a code point to `out` (room for 4 bytes) and returns its size.
inline std::uint32_t encode(std::uint32_t c, char* out) {
    const auto tail = [c](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out[0] = static_cast<char>(c);
        return 1;
    }
    if (c < 0x800) {
        out[0] = static_cast<char>(0xC0 | c >> 6), out[1] = tail(0);
        return 2;
    }
    if (c < 0x10000) {
        out[0] = static_cast<char>(0xE0 | c >> 12), out[1] = tail(6), out[2] = tail(0);
        return 3;
    }
    out[0] = static_cast<char>(0xF0 | c >> 18), out[1] = tail(12), out[2] = tail(6), out[3] = tail(0);
    return 4;
}

inline void append(std::string& text, std::uint32_t c) {
    char bytes[4];
    text.append(bytes, encode(c, bytes));
}

/// First byte of the code point that ends at `end` in valid UTF-8, not before `begin`.
inline const char* before(const char* begin, const char* end) {
    do --end;
    while (end > begin && (static_cast<unsigned char>(*end) & 0xC0) == 0x80);
    return end;
}

}  // namespace embedloom::plugins
