// Sixteen float32 at a time, in as many registers as the instruction set needs: load, convert, add up, store.
//
// Compiled once for each instruction set (Highway includes it again with other macros). Whatever runs here
// gives the same bits on each of them: no fused multiply-add, no estimates, sums in one fixed order.
#if defined(EMBEDLOOM_EMBED_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EMBEDLOOM_EMBED_LANES_INL_H
#undef EMBEDLOOM_EMBED_LANES_INL_H
#else
#define EMBEDLOOM_EMBED_LANES_INL_H
#endif

#include <embedloom/embed/dtype.h>
#include <embedloom/embed/store.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

HWY_BEFORE_NAMESPACE();
namespace embedloom::embed::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline constexpr std::size_t block = 16;  // numbers
using Floats = hn::CappedTag<float, block>;
using Words = hn::RebindToUnsigned<Floats>;
using Halves = hn::Rebind<std::uint16_t, Floats>;
using Vector = hn::Vec<Floats>;
using WordVector = hn::Vec<Words>;
inline constexpr std::size_t lanes = hn::MaxLanes(Floats());
inline constexpr std::size_t parts = block / lanes;

/// Number k * lanes + j is lane j of part k.
struct Block {
    Vector part[parts];
};

// A row of a mapped file starts at any byte. Loads of bytes need no alignment and may alias anything; plain
// C++ has no vectors of bytes, there memcpy is the load.
template <class Tag>
HWY_INLINE hn::Vec<Tag> load_bytes(Tag tag, const std::byte* from) {
#if HWY_TARGET == HWY_SCALAR
    hn::TFromD<Tag> value;
    std::memcpy(&value, from, sizeof value);
    return hn::Set(tag, value);
#else
    const hn::Repartition<std::uint8_t, Tag> bytes;
    return hn::BitCast(tag, hn::LoadU(bytes, reinterpret_cast<const std::uint8_t*>(from)));
#endif
}

template <class Tag>
HWY_INLINE void store_bytes(hn::Vec<Tag> value, Tag tag, std::byte* to) {
#if HWY_TARGET == HWY_SCALAR
    const hn::TFromD<Tag> number = hn::GetLane(value);
    std::memcpy(to, &number, sizeof number);
    (void)tag;
#else
    const hn::Repartition<std::uint8_t, Tag> bytes;
    hn::StoreU(hn::BitCast(bytes, value), bytes, reinterpret_cast<std::uint8_t*>(to));
#endif
}

// `to` must be a multiple of the register's size when streaming.
template <Store store, class Tag>
HWY_INLINE void put(hn::Vec<Tag> value, Tag tag, std::byte* to) {
    if constexpr (store == Store::streaming)
        hn::Stream(value, tag, reinterpret_cast<hn::TFromD<Tag>*>(to));
    else
        store_bytes(value, tag, to);
}

/// Whether float16 is converted by the processor; Highway's own way without that is not exact.
inline constexpr bool has_f16c = HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3;

/// float16 in the lower halves of words -> float32. What F16C does, in integers.
HWY_INLINE Vector widen_float16(WordVector half) {
    const Words words;
    const Floats floats;
    const WordVector magnitude = hn::And(half, hn::Set(words, 0x7FFFu));
    const WordVector sign = hn::ShiftLeft<16>(hn::Xor(half, magnitude));
    const WordVector rebias = hn::Set(words, 112u << 23);  // exponents count from 15 there, from 127 here
    const WordVector normal = hn::Add(hn::ShiftLeft<13>(magnitude), rebias);
    const WordVector quiet =
        hn::IfThenElseZero(hn::Gt(magnitude, hn::Set(words, 0x7C00u)), hn::Set(words, 0x400000u));
    const WordVector not_finite = hn::Or(hn::Add(normal, rebias), quiet);
    const auto signed_magnitude = hn::BitCast(hn::RebindToSigned<Floats>(), magnitude);
    const Vector subnormal = hn::Mul(hn::ConvertTo(floats, signed_magnitude), hn::Set(floats, 0x1p-24f));
    WordVector result =
        hn::IfThenElse(hn::Lt(magnitude, hn::Set(words, 0x400u)), hn::BitCast(words, subnormal), normal);
    result = hn::IfThenElse(hn::Gt(magnitude, hn::Set(words, 0x7BFFu)), not_finite, result);
    return hn::BitCast(floats, hn::Or(result, sign));
}

/// float32 -> float16 in the upper halves of words, ties to even. What F16C does, in integers.
HWY_INLINE WordVector narrow_float16(Vector value) {
    const Words words;
    const Floats floats;
    const WordVector bits = hn::BitCast(words, value);
    const WordVector magnitude = hn::And(bits, hn::Set(words, 0x7FFFFFFFu));
    const WordVector sign = hn::Xor(bits, magnitude);
    const WordVector odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(words, 1u));
    const WordVector rounded = hn::Add(hn::Add(magnitude, hn::Set(words, 0xFFFu)), odd);
    const WordVector rebased = hn::ShiftRight<13>(hn::Sub(rounded, hn::Set(words, 112u << 23)));
    const WordVector normal = hn::Min(rebased, hn::Set(words, 0x7C00u));
    // 0.5 has the subnormals' unit as its last place, so the addition rounds to whole units.
    const Vector half = hn::Set(floats, 0.5f);
    const WordVector subnormal =
        hn::Sub(hn::BitCast(words, hn::Add(hn::BitCast(floats, magnitude), half)), hn::BitCast(words, half));
    const WordVector payload = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(words, 0x3FFu));
    const WordVector nan = hn::Or(payload, hn::Set(words, 0x7E00u));
    WordVector result = hn::IfThenElse(hn::Lt(magnitude, hn::Set(words, 113u << 23)), subnormal, normal);
    result = hn::IfThenElse(hn::Gt(magnitude, hn::Set(words, 0x7F800000u)), nan, result);
    return hn::Or(hn::ShiftLeft<16>(result), sign);
}

/// What a writer knows of its numbers. Looking for NaN costs a quarter of the conversion to bfloat16.
enum class Nan { possible, absent };

/// float32 -> bfloat16 in the upper halves of words, ties to even; the lower halves are left over.
/// Not the processor's own instruction: that one takes subnormals for zero.
template <Nan nan>
HWY_INLINE WordVector narrow_bfloat16(Vector value) {
    const Words words;
    const WordVector bits = hn::BitCast(words, value);
    const WordVector odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1u));
    const WordVector rounded = hn::Add(hn::Add(bits, hn::Set(words, 0x7FFFu)), odd);
    if constexpr (nan == Nan::absent) return rounded;
    const WordVector quiet = hn::Or(bits, hn::Set(words, 0x400000u));
    return hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(value)), quiet, rounded);
}

/// The upper halves of float32 rounded to bfloat16 by the lower ones, ties to even: one is added where the lower half is above one
/// half, or is one half and the upper one is odd. For numbers that are not NaN.
template <class Tag>
HWY_INLINE hn::Vec<Tag> round_halves(Tag tag, hn::Vec<Tag> upper, hn::Vec<Tag> lower) {
    const auto is_even = hn::AndNot(upper, hn::Set(tag, 1));
    return hn::Add(upper, hn::ShiftRight<15>(hn::SaturatedSub(lower, is_even)));
}

HWY_INLINE WordVector load_halves(const std::byte* from) {
    return hn::PromoteTo(Words(), load_bytes(Halves(), from));
}

/// bfloat16 -> float32: the bits are the upper half. AVX2 widens across its two halves slowly; doubling the
/// eight numbers on load and picking four in each half is one step instead of three.
HWY_INLINE Vector load_bfloat16(const std::byte* from) {
#if HWY_TARGET == HWY_AVX2
    constexpr std::uint8_t none = 0x80;
    alignas(32) static constexpr std::uint8_t pick[32] = {
        none, none, 0, 1, none, none, 2,  3,  none, none, 4,  5,  none, none, 6,  7,
        none, none, 8, 9, none, none, 10, 11, none, none, 12, 13, none, none, 14, 15};
    const hn::Repartition<std::uint8_t, Floats> bytes;
    const auto twice = hn::LoadDup128(bytes, reinterpret_cast<const std::uint8_t*>(from));
    return hn::BitCast(Floats(), hn::TableLookupBytesOr0(twice, hn::Load(bytes, pick)));
#else
    return hn::BitCast(Floats(), hn::ShiftLeft<16>(load_halves(from)));
#endif
}

/// Sixteen numbers of a type at any address.
template <Dtype dtype>
HWY_INLINE Block load(const std::byte* from) {
    Block result;
    for (std::size_t k = 0; k < parts; ++k) {
        const std::byte* at = from + k * lanes * dtype_bytes(dtype);
        if constexpr (dtype == Dtype::float32)
            result.part[k] = load_bytes(Floats(), at);
        else if constexpr (dtype == Dtype::bfloat16)
            result.part[k] = load_bfloat16(at);
        else if constexpr (has_f16c)
            result.part[k] = hn::PromoteTo(
                Floats(), hn::BitCast(hn::Rebind<hwy::float16_t, Floats>(), load_bytes(Halves(), at)));
        else
            result.part[k] = widen_float16(load_halves(at));
    }
    return result;
}

/// The upper halves of what `convert` makes of each part. Streaming stores exist for whole registers only, so
/// where sixteen halves are one or more of them, parts are joined in pairs.
template <Store store, class Convert>
HWY_INLINE void put_halves(const Block& value, Convert convert, std::byte* to) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_AVX3
    for (std::size_t k = 0; k < parts; ++k) {
        const auto low =
            hn::BitCast(hn::RebindToSigned<Floats>(), hn::ShiftRight<16>(convert(value.part[k])));
        put<store>(hn::DemoteTo(Halves(), low), Halves(), to + k * lanes * 2);
    }
#else
    const hn::Repartition<std::uint16_t, Floats> halves;
    for (std::size_t k = 0; k < parts; k += 2) {
        const auto low = hn::BitCast(halves, convert(value.part[k]));
        const auto high = hn::BitCast(halves, convert(value.part[k + 1]));
        put<store>(hn::ConcatOdd(halves, high, low), halves, to + k * lanes * 2);
    }
#endif
}

/// Whether two blocks go to a type in fewer steps than each alone: where the sixteen bfloat16 of one are half a register.
template <Dtype dtype, Nan nan>
inline constexpr bool joins_blocks = HWY_TARGET == HWY_AVX3 && dtype == Dtype::bfloat16 && nan == Nan::absent;

#if HWY_TARGET == HWY_AVX3
template <Store store>
HWY_INLINE void put_two_as_bfloat16(const Block& first, const Block& second, std::byte* to) {
    const hn::Repartition<std::uint16_t, Floats> halves;
    const auto low = hn::BitCast(halves, first.part[0]), high = hn::BitCast(halves, second.part[0]);
    const auto upper = hn::ConcatOdd(halves, high, low), lower = hn::ConcatEven(halves, high, low);
    put<store>(round_halves(halves, upper, lower), halves, to);
}
#endif

template <Store store>
HWY_INLINE void put_float16(const Block& value, std::byte* to) {
    if constexpr (has_f16c) {
        const hn::Rebind<hwy::float16_t, Floats> halves;
        for (std::size_t k = 0; k < parts; ++k)
            put<store>(hn::BitCast(Halves(), hn::DemoteTo(halves, value.part[k])), Halves(),
                       to + k * lanes * 2);
    } else {
        put_halves<store>(
            value, [](Vector part) HWY_ATTR { return narrow_float16(part); }, to);
    }
}

template <Store store>
HWY_INLINE void put_float32(const Block& value, std::byte* to) {
    for (std::size_t k = 0; k < parts; ++k) put<store>(value.part[k], Floats(), to + k * lanes * 4);
}

/// Sixteen numbers to a type at any address; when streaming, at a multiple of 64 bytes of the row's start,
/// itself one.
template <Dtype dtype, Store store = Store::cached, Nan nan = Nan::possible>
HWY_INLINE void save(const Block& value, std::byte* to) {
    if constexpr (dtype == Dtype::float32)
        put_float32<store>(value, to);
    else if constexpr (dtype == Dtype::float16)
        put_float16<store>(value, to);
    else
        put_halves<store>(
            value, [](Vector part) HWY_ATTR { return narrow_bfloat16<nan>(part); }, to);
}

/// The last `count` < 16 numbers of a row; the rest are zeros.
template <Dtype dtype>
HWY_INLINE Block load_tail(const std::byte* from, std::size_t count) {
    alignas(64) std::byte copy[block * sizeof(float)] = {};
    std::memcpy(copy, from, count * dtype_bytes(dtype));
    return load<dtype>(copy);
}

HWY_INLINE Block fill(float value) {
    Block result;
    for (std::size_t k = 0; k < parts; ++k) result.part[k] = hn::Set(Floats(), value);
    return result;
}

HWY_INLINE Block add(Block a, const Block& b) {
    for (std::size_t k = 0; k < parts; ++k) a.part[k] = hn::Add(a.part[k], b.part[k]);
    return a;
}

HWY_INLINE Block subtract(Block a, const Block& b) {
    for (std::size_t k = 0; k < parts; ++k) a.part[k] = hn::Sub(a.part[k], b.part[k]);
    return a;
}

HWY_INLINE Block multiply(Block a, const Block& b) {
    for (std::size_t k = 0; k < parts; ++k) a.part[k] = hn::Mul(a.part[k], b.part[k]);
    return a;
}

/// Sum of the sixteen: l and l + 8 are added, then l and l + 4, l + 2, l + 1.
HWY_INLINE float sum(Block value) {
    for (std::size_t half = parts / 2; half > 0; half /= 2)
        for (std::size_t k = 0; k < half; ++k) value.part[k] = hn::Add(value.part[k], value.part[k + half]);
    alignas(64) float lane[lanes];
    hn::Store(value.part[0], Floats(), lane);
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
    return lane[0];
}

}  // namespace embedloom::embed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
