// UTF-8 of valid text, one code point at a time.
#pragma once

#include <cstdint>
#include <cstring>
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

/// A code point's bytes, the first in the lowest byte, and how many they are.
struct Packed {
    std::uint32_t bytes;
    std::uint32_t size;
};
constexpr Packed pack(std::uint32_t c) {
    const auto tail = [c](unsigned shift) { return 0x80u | (c >> shift & 0x3F); };
    if (c < 0x80) return {c, 1};
    if (c < 0x800) return {0xC0u | c >> 6 | tail(0) << 8, 2};
    if (c < 0x10000) return {0xE0u | c >> 12 | tail(6) << 8 | tail(0) << 16, 3};
    return {0xF0u | c >> 18 | tail(12) << 8 | tail(6) << 16 | tail(0) << 24, 4};
}

inline void append(std::string& text, std::uint32_t c) {
    const Packed packed = pack(c);
    char bytes[4];
    std::memcpy(bytes, &packed.bytes, 4);
    text.append(bytes, packed.size);
}

/// First byte of the code point that ends at `end` in valid UTF-8, not before `begin`.
inline const char* before(const char* begin, const char* end) {
    do --end;
    while (end > begin && (static_cast<unsigned char>(*end) & 0xC0) == 0x80);
    return end;
}

}  // namespace embedloom::plugins
