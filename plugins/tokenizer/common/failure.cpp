// How messages show a token of a hostile file.
#include "failure.h"

namespace embedloom::plugins {

std::string shown(std::string_view token) {
    constexpr std::size_t limit = 40;
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : token.substr(0, limit)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F)
            out += c;
        else
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    if (token.size() > limit) out += "...";
    return out + "\"";
}

}  // namespace embedloom::plugins
