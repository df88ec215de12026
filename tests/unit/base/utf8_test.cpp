// Which bytes are UTF-8: every code point, and every malformed form of table 3-7.
#include <embedloom/base/utf8.h>

#include <cstdint>
#include <string>

#include "support/catch.hpp"

using embedloom::base::first_invalid_utf8;

namespace {

constexpr auto npos = std::string_view::npos;

/// UTF-8 by the definition, of any number up to 21 bits.
std::string encoded(std::uint32_t code) {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | ((code >> shift) & 63)); };
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(0)};
    if (code < 0x10000) return {static_cast<char>(0xE0 | code >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | code >> 18), tail(12), tail(6), tail(0)};
}

}  // namespace

TEST_CASE("utf8: accepts every code point but surrogates, and none beyond U+10FFFF") {
    for (std::uint32_t code = 0; code < 0x200000; ++code) {
        const bool is_good = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        if ((first_invalid_utf8(encoded(code)) == npos) != is_good) FAIL("U+" << std::hex << code);
    }
}

TEST_CASE("utf8: names the byte of what is overlong, cut off or stray, wherever it stands") {
    const std::string_view bad[] = {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xC3", "\xE2\x82", "\xF0\x9F\x98",
                                    "\x80", "\xFF", "\xE2\x28\xA1", "\xF8\x88\x80\x80\x80", "\xED\xA0\x80"};
    for (const std::string_view bytes : bad)
        for (const std::size_t before : {0u, 1u, 31u, 32u, 33u, 100u}) {
            CHECK(first_invalid_utf8(std::string(before, 'a') + std::string(bytes)) == before);
            CHECK(first_invalid_utf8(std::string(before, 'a') + std::string(bytes) + "a\xC3\xA9") == before);
            CHECK(first_invalid_utf8(std::string(before, 'a') + std::string(bytes) + std::string(100, 'z')) == before);
        }
}

TEST_CASE("utf8: characters may lie across any place of a long text") {
    for (const std::string_view one : {"\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80"})
        for (std::size_t before = 0; before < 80; ++before) {
            std::string text(before, 'a');
            for (int i = 0; i < 50; ++i) text += one;
            CHECK(first_invalid_utf8(text) == npos);
            CHECK(first_invalid_utf8(text + "\xC3") == text.size());
            CHECK(first_invalid_utf8(text.substr(0, text.size() - 1)) == text.size() - one.size());
        }
}
