// The SIMD scan against a plain loop, on every instruction set that the machine has.
#include <random>
#include <string>

#include "support/catch.hpp"
#include "tokenizer/common/ascii_scan.h"

using namespace embedloom::plugins;

namespace {

bool letter(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool blank(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool special(unsigned char c) {
    return (c < 0x20 && !blank(c)) || c >= 0x7F;
}

/// What the scan must give, byte by byte.
void check(std::size_t variant, const std::string& text, AsciiCase letters) {
    static AsciiScan scan;
    scan_ascii_by(variant, text.data(), static_cast<std::uint32_t>(text.size()), letters, scan);
    std::vector<std::pair<std::size_t, std::size_t>> tokens;
    std::vector<std::size_t> wrong;  // bytes of which something is said that is not so
    bool any = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool run = letter(c) || special(c);
        any |= special(c);
        const bool goes_on = run && i > 0 && !tokens.empty() && tokens.back().second == i &&
                             (letter(static_cast<unsigned char>(text[i - 1])) ||
                              special(static_cast<unsigned char>(text[i - 1])));
        if (goes_on)
            tokens.back().second = i + 1;
        else if (!blank(c))
            tokens.emplace_back(i, i + 1);
        const auto at = static_cast<std::uint32_t>(i);
        const char lowered =
            static_cast<char>(letters == AsciiCase::lower && c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (scan.lowered[i] != lowered || ends_run(text[i]) == run ||
            scan.is_special(at, at + 1) != special(c))
            wrong.push_back(i);
    }
    REQUIRE(wrong.empty());
    REQUIRE(scan.any_special == any);
    REQUIRE(scan.count == tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        bool holds = false;
        for (std::size_t at = tokens[i].first; at < tokens[i].second; ++at)
            holds |= special(static_cast<unsigned char>(text[at]));
        if (scan.begins[i] != tokens[i].first || scan.ends[i] != tokens[i].second ||
            scan.is_special(scan.begins[i], scan.ends[i]) != holds)
            wrong.push_back(i);
    }
    REQUIRE(wrong.empty());
}

}  // namespace

TEST_CASE("scan: the same as a plain loop for every byte, size and instruction set") {
    for (std::size_t variant = 0; variant < ascii_scan_variants(); ++variant) {
        CAPTURE(variant);
        std::mt19937 random(3);
        for (const AsciiCase letters : {AsciiCase::keep, AsciiCase::lower}) {
            std::string all;
            for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
            check(variant, all, letters);
            for (std::size_t size :
                 {0u, 1u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u, 127u, 128u, 129u, 4095u, 4096u}) {
                std::string text;
                while (text.size() < size)
                    text += static_cast<char>(random() % 4 ? "aZ0 .,"[random() % 6] : random() % 256);
                check(variant, text, letters);
                check(variant, std::string(size, '!'), letters);
                check(variant, std::string(size, 'x'), letters);
                check(variant, std::string(size, ' '), letters);
            }
        }
    }
}
