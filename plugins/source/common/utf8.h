// UTF-8: checking it, naming what is wrong, and replacing it as the WHATWG decoder and Python do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace embedloom::source {

/// At tens of GB/s.
bool is_utf8(std::string_view bytes);

/// The first place that is no UTF-8: `size` bytes, the maximal subpart of Unicode 3.9 D93b: what one U+FFFD stands for.
struct BadUtf8 {
    std::size_t at = std::string_view::npos;  ///< npos: there is none
    std::size_t size = 0;
};
BadUtf8 find_bad_utf8(std::string_view bytes, std::size_t from = 0);

/// "the bytes C0 AF"
std::string hex_bytes(std::string_view bytes);

inline constexpr std::string_view replacement = "\xEF\xBF\xBD";  ///< U+FFFD

/// Gives `text` in pieces to `take`, each maximal subpart that is no UTF-8 replaced by U+FFFD.
template <class Take>
void replace_bad_utf8(std::string_view text, Take&& take) {
    std::size_t from = 0;
    for (BadUtf8 bad; (bad = find_bad_utf8(text, from)).at != std::string_view::npos; from = bad.at + bad.size) {
        if (bad.at > from) take(text.substr(from, bad.at - from));
        take(replacement);
    }
    if (from < text.size()) take(text.substr(from));
}

}  // namespace embedloom::source
