// In which order the sixteen numbers of a block stand in registers while they are worked on.
#if defined(EMBEDLOOM_EMBED_ORDER_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EMBEDLOOM_EMBED_ORDER_INL_H
#undef EMBEDLOOM_EMBED_ORDER_INL_H
#else
#define EMBEDLOOM_EMBED_ORDER_INL_H
#endif

#include <embedloom/embed/lanes-inl.h>

HWY_BEFORE_NAMESPACE();
namespace embedloom::embed::HWY_NAMESPACE {

/// As in memory.
struct Natural {
    static constexpr bool arranges = false;
    static constexpr std::size_t place(std::size_t number) { return number; }
    template <Dtype dtype>
    static HWY_INLINE Block load_token(const std::byte* from) {
        return load<dtype>(from);
    }
    template <Dtype dtype, Store store, Nan nan>
    static HWY_INLINE void save_result(const Block& value, std::byte* to) {
        save<dtype, store, nan>(value, to);
    }
    static HWY_INLINE float total(const Block& value) { return sum(value); }
    static HWY_INLINE Block arrange(const Block& value) { return value; }
};

#if HWY_TARGET == HWY_AVX2

/// Even numbers in the first register, odd ones in the second. From bfloat16 to bfloat16 AVX2 does nothing
/// better: a word of two is taken apart by one step each and put together by one step, where the natural
/// order needs moves across the register's halves, which cost as much as all the arithmetic. What is float32
/// must be brought into this order before.
struct Paired {
    static constexpr bool arranges = true;
    static constexpr std::size_t place(std::size_t number) { return number % 2 * lanes + number / 2; }
    using Halfwords = hn::Repartition<std::uint16_t, Floats>;

    template <Dtype dtype>
    static HWY_INLINE Block load_token(const std::byte* from) {
        static_assert(dtype == Dtype::bfloat16);
        const WordVector two = load_bytes(Words(), from);
        return {hn::BitCast(Floats(), hn::ShiftLeft<16>(two)),
                hn::BitCast(Floats(), hn::And(two, hn::Set(Words(), 0xFFFF0000u)))};
    }

    template <Dtype dtype, Store store, Nan nan>
    static HWY_INLINE void save_result(const Block& value, std::byte* to) {
        static_assert(dtype == Dtype::bfloat16);
        put<store>(nan == Nan::absent ? round(value) : round_or_nan(value), Halfwords(), to);
    }

    /// The order of sum(): the registers' lanes are 0 2 .. 14 and 1 3 .. 15.
    static HWY_INLINE float total(const Block& value) {
        alignas(64) float lane[block];
        for (std::size_t k = 0; k < parts; ++k) hn::Store(value.part[k], Floats(), lane + k * lanes);
        for (std::size_t half = lanes / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) {
                lane[l] += lane[l + half];
                lane[lanes + l] += lane[lanes + l + half];
            }
        return lane[0] + lane[lanes];
    }

    static HWY_INLINE Block arrange(const Block& value) {
        return {hn::ConcatEven(Floats(), value.part[1], value.part[0]),
                hn::ConcatOdd(Floats(), value.part[1], value.part[0])};
    }

  private:
    static HWY_INLINE hn::Vec<Halfwords> round(const Block& value) {
        const Halfwords tag;
        const WordVector even = hn::BitCast(Words(), value.part[0]);
        const WordVector odd = hn::BitCast(Words(), value.part[1]);
        const auto upper = hn::OddEven(hn::BitCast(tag, odd), hn::BitCast(tag, hn::ShiftRight<16>(even)));
        const auto lower = hn::OddEven(hn::BitCast(tag, hn::ShiftLeft<16>(odd)), hn::BitCast(tag, even));
        return round_halves(tag, upper, lower);
    }

    static HWY_INLINE hn::Vec<Halfwords> round_or_nan(const Block& value) {
        const Halfwords tag;
        const WordVector even = narrow_bfloat16<Nan::possible>(value.part[0]);
        const WordVector odd = narrow_bfloat16<Nan::possible>(value.part[1]);
        return hn::OddEven(hn::BitCast(tag, odd), hn::BitCast(tag, hn::ShiftRight<16>(even)));
    }
};

template <Dtype token, Dtype out>
using OrderFor = std::conditional_t<token == Dtype::bfloat16 && out == Dtype::bfloat16, Paired, Natural>;

#else

template <Dtype token, Dtype out>
using OrderFor = Natural;

#endif

/// The last `count` < 16 numbers of a result.
template <class Order, Dtype dtype>
HWY_INLINE void save_result_tail(const Block& value, std::byte* to, std::size_t count) {
    alignas(64) std::byte copy[block * sizeof(float)];
    Order::template save_result<dtype, Store::cached, Nan::possible>(value, copy);
    std::memcpy(to, copy, count * dtype_bytes(dtype));
}

/// The last `count` < 16 numbers of a token's row; the rest are zeros.
template <class Order, Dtype dtype>
HWY_INLINE Block load_token_tail(const std::byte* from, std::size_t count) {
    alignas(64) std::byte copy[block * sizeof(float)] = {};
    std::memcpy(copy, from, count * dtype_bytes(dtype));
    return Order::template load_token<dtype>(copy);
}

}  // namespace embedloom::embed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
