// The scan for each instruction set: compiled once for each, picked at run time by Highway.
// link: hwy
#include "ascii_scan.h"

#include <bit>
#include <cstring>

// Highway compiles this file again for each target; it finds it by its path in plugins/.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tokenizer/common/ascii_scan.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#ifndef EMBEDLOOM_TOKENIZER_BIT_PLACES  // once, though the file is compiled for each target
#define EMBEDLOOM_TOKENIZER_BIT_PLACES
namespace embedloom::plugins {
/// The places of the bits of each byte, from the lowest.
alignas(64) constexpr auto bit_places = [] {
    std::array<std::array<std::uint8_t, 8>, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte)
        for (unsigned bit = 0, found = 0; bit < 8; ++bit)
            if (byte >> bit & 1) table[byte][found++] = static_cast<std::uint8_t>(bit);
    return table;
}();
}  // namespace embedloom::plugins
#endif

HWY_BEFORE_NAMESPACE();
namespace embedloom::plugins::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Bytes = hn::CappedTag<std::uint8_t, 64>;

/// A bit for each of 64 bytes. A byte is of one class; without any it is punctuation.
struct Classes {
    std::uint64_t letter, special, blank;
};

/// low <= byte <= high, in one subtraction and one minimum.
template <class V>
HWY_ATTR auto between(V bytes, int low, int high) {
    const Bytes d;
    const V moved = hn::Sub(bytes, hn::Set(d, static_cast<std::uint8_t>(low)));
    return hn::Eq(hn::Min(moved, hn::Set(d, static_cast<std::uint8_t>(high - low))), moved);
}

/// The mask's bits, at the place `at` of 64.
template <class M>
HWY_ATTR std::uint64_t bits_of(M mask, std::size_t at) {
    std::array<std::uint8_t, 8> bytes{};
    hn::StoreMaskBits(Bytes(), mask, bytes.data());
    return std::bit_cast<std::uint64_t>(bytes) << at;
}

HWY_INLINE HWY_ATTR Classes classify(const std::uint8_t* text, std::uint8_t case_bit, std::uint8_t* lowered) {
    const Bytes d;
    Classes classes{};
    for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
        const auto bytes = hn::LoadU(d, text + i);
        const auto upper = between(bytes, 'A', 'Z');
        hn::StoreU(hn::Or(bytes, hn::IfThenElseZero(upper, hn::Set(d, case_bit))), d, lowered + i);
        const auto lower = hn::Or(bytes, hn::IfThenElseZero(upper, hn::Set(d, 0x20)));
        const auto is_letter = hn::Or(between(lower, 'a', 'z'), between(bytes, '0', '9'));
        const auto line = hn::Or(hn::Eq(bytes, hn::Set(d, '\r')), between(bytes, '\t', '\n'));
        const auto is_blank = hn::Or(line, hn::Eq(bytes, hn::Set(d, ' ')));
        const auto beyond = hn::Not(between(bytes, 0x20, 0x7E));
        classes.letter |= bits_of(is_letter, i);
        classes.blank |= bits_of(is_blank, i);
        classes.special |= bits_of(hn::And(beyond, hn::Not(line)), i);
    }
    return classes;
}

/// Writes the places of the bits, without a branch: eight bits at a time, by table. Up to 8 values after the
/// last may be overwritten.
HWY_ATTR inline std::uint16_t* places(std::uint64_t bits, std::uint32_t base, std::uint16_t* out) {
#if HWY_TARGET == HWY_SCALAR
    for (; bits; bits &= bits - 1)
        *out++ = static_cast<std::uint16_t>(base + static_cast<std::uint32_t>(std::countr_zero(bits)));
#else
    const hn::FixedTag<std::uint16_t, 8> wide;
    const hn::FixedTag<std::uint8_t, 8> narrow;
    for (std::uint32_t i = 0; i < 64; i += 8) {
        const auto byte = static_cast<std::uint8_t>(bits >> i);
        const auto found = hn::PromoteTo(wide, hn::Load(narrow, bit_places[byte].data()));
        hn::StoreU(hn::Add(found, hn::Set(wide, static_cast<std::uint16_t>(base + i))), wide, out);
        out += std::popcount(byte);
    }
#endif
    return out;
}

HWY_ATTR void scan(const char* text, std::uint32_t size, AsciiCase letters, AsciiScan& out) {
    const std::uint8_t case_bit = letters == AsciiCase::lower ? 0x20 : 0;
    std::uint16_t* begin = out.begins.data();
    std::uint16_t* end = out.ends.data();
    std::uint64_t run_before = 0, punctuation_before = 0, any_special = 0;
    for (std::uint32_t at = 0; at < size; at += 64) {
        std::array<char, 64> padded;
        const char* from = text + at;
        if (size - at < 64) {
            padded.fill(' ');
            std::memcpy(padded.data(), from, size - at);
            from = padded.data();
        }
        const Classes classes = classify(reinterpret_cast<const std::uint8_t*>(from), case_bit,
                                         reinterpret_cast<std::uint8_t*>(out.lowered.data()) + at);
        const std::uint64_t run = classes.letter | classes.special, punctuation = ~(run | classes.blank);
        const std::uint64_t run_left = run << 1 | run_before;
        begin = places((run & ~run_left) | punctuation, at, begin);
        end = places((~run & run_left) | punctuation << 1 | punctuation_before, at, end);
        run_before = run >> 63, punctuation_before = punctuation >> 63;
        out.special[at / 64] = classes.special;
        any_special |= classes.special;
    }
    if (run_before | punctuation_before) *end = static_cast<std::uint16_t>(size);
    out.count = static_cast<std::uint32_t>(begin - out.begins.data());
    out.any_special = any_special != 0;
}

}  // namespace embedloom::plugins::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace embedloom::plugins {

HWY_EXPORT(scan);

void scan_ascii(const char* text, std::uint32_t size, AsciiCase letters, AsciiScan& out) {
    HWY_DYNAMIC_DISPATCH(scan)(text, size, letters, out);
}

std::size_t ascii_scan_variants() {
    return hwy::SupportedAndGeneratedTargets().size();
}

void scan_ascii_by(std::size_t variant, const char* text, std::uint32_t size, AsciiCase letters,
                   AsciiScan& out) {
    hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets()[variant]);
    scan_ascii(text, size, letters, out);
    hwy::SetSupportedTargetsForTest(0);
}

}  // namespace embedloom::plugins
#endif
