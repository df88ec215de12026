// Whether bytes are UTF-8, and where they are not.
#pragma once

#include <cstddef>
#include <string_view>

namespace embedloom::base {

/// The first byte that belongs to no well-formed character (overlong, surrogate, beyond U+10FFFF, cut off), or `npos` when
/// all is well. Source: Unicode 15, table 3-7.
std::size_t first_invalid_utf8(std::string_view text);

/// False for the bytes inside a character.
constexpr bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0u) != 0x80u; }

}  // namespace embedloom::base
