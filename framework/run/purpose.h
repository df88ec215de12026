// What a random number is for: part of the generator's key, so that two stages never share numbers.
#pragma once

#include <cstdint>
#include <string_view>

namespace embedloom::run {

/// FNV-1a of the stage's path in the config. Changing it changes every row.
constexpr std::uint64_t purpose_of(std::string_view path) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : path) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return hash;
}

inline constexpr std::uint64_t purpose_segment = purpose_of("segment");
inline constexpr std::uint64_t purpose_objective = purpose_of("objective");

}  // namespace embedloom::run
