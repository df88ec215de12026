// Cuts a stretch of text into words, punctuation and blanks by its ASCII bytes, 64 at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace embedloom::plugins {

/// What one scan gives; reused from scan to scan.
struct AsciiScan {
    static constexpr std::uint32_t longest = 4096;  ///< bytes of a scan

    std::uint32_t count =
        0;  ///< of tokens: runs of letters, digits and bytes that ASCII does not decide; single punctuation
    bool any_special = false;  ///< some byte is not decided: beyond ASCII, or a control character
    alignas(64) std::array<char, longest + 64> lowered{};  ///< the text; A-Z as a-z where asked; then padding
    std::array<std::uint16_t, longest + 24> begins{};      ///< of token i
    std::array<std::uint16_t, longest + 24> ends{};        ///< of token i, exclusive
    std::array<std::uint64_t, longest / 64 + 1> special{};  ///< a bit for each undecided byte

    /// Whether a byte of [begin, end) is undecided.
    bool is_special(std::uint32_t begin, std::uint32_t end) const {
        const std::uint32_t first = begin / 64, last = (end - 1) / 64;
        std::uint64_t word = special[first] >> begin % 64 << begin % 64;
        for (std::uint32_t i = first; i < last; ++i) {
            if (word) return true;
            word = special[i + 1];
        }
        return (word << (63 - (end - 1) % 64)) != 0;
    }
};

enum class AsciiCase { keep, lower };

/// Scans `size` bytes, at most AsciiScan::longest. A token that reaches the end may go on in what follows.
/// Picks the best instruction set of the machine; all give the same result.
void scan_ascii(const char* text, std::uint32_t size, AsciiCase letters, AsciiScan& out);

/// For tests: the instruction sets that this machine has, and the scan by the i-th of them.
std::size_t ascii_scan_variants();
void scan_ascii_by(std::size_t variant, const char* text, std::uint32_t size, AsciiCase letters,
                   AsciiScan& out);

/// Whether a byte is a blank or punctuation of ASCII: there a run ends.
inline bool ends_run(char c) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter_or_digit = (byte | 0x20u) - 'a' < 26u || byte - static_cast<unsigned>('0') < 10u;
    const bool blank = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
    return blank || (byte > 0x20 && byte < 0x7F && !letter_or_digit);
}

}  // namespace embedloom::plugins
