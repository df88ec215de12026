// The row kernels: sum, norm and cast, each byte of the result written once.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "embedloom/embed/kernels.cpp"
// clang-format off: must come first, it includes this file once for each instruction set
#include <hwy/foreach_target.h>
// clang-format on

#include <embedloom/embed/kernels.h>
#include <embedloom/embed/order-inl.h>
#include <hwy/cache_control.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace embedloom::embed::HWY_NAMESPACE {

template <Store store>
void copy_row(const std::byte* row, const std::byte* next, std::uint64_t bytes, std::byte* result) {
    constexpr std::uint64_t line = block * sizeof(float);
    std::uint64_t at = 0;
    for (; at + line <= bytes; at += line) {
        hwy::Prefetch(next + at);
        save<Dtype::float32, store>(load<Dtype::float32>(row + at), result + at);
    }
    if (at < bytes) std::memcpy(result + at, row + at, bytes - at);
}

// How a token's row is read: from which type, in which order, and whether it is multiplied.
template <class Order_, Dtype dtype_, Scaling scaling_>
struct TokenRow {
    using Order = Order_;
    static constexpr Dtype dtype = dtype_;
    static constexpr Scaling scaling = scaling_;
};

// Addition in the order of Hugging Face's BertEmbeddings. A part that is missing is a row of -0, which
// changes no number.
template <class Token>
HWY_INLINE Block join(const Block& token, float scale, const Block& segment, const Block& position) {
    const Block scaled = Token::scaling == Scaling::none ? token : multiply(token, fill(scale));
    return add(add(scaled, segment), position);
}

template <class Token>
HWY_INLINE Block sum_block(const RowInputs& in, std::size_t at) {
    // One line of the next token's row for each block: its rows are spread over the whole table, and nothing
    // else will fetch them early. Past the row's end is harmless.
    const std::size_t byte = at * dtype_bytes(Token::dtype);
    hwy::Prefetch(in.next_token + byte);
    return join<Token>(Token::Order::template load_token<Token::dtype>(in.token + byte), in.scale,
                       load<Dtype::float32>(in.segment + at * sizeof(float)),
                       load<Dtype::float32>(in.position + at * sizeof(float)));
}

// The last numbers of a vector of float32: its memory ends there, unless it was arranged.
template <class Order>
HWY_INLINE Block load_last(const std::byte* from, std::size_t count) {
    return Order::arranges ? load<Dtype::float32>(from) : load_tail<Dtype::float32>(from, count);
}

template <class Token>
HWY_INLINE Block sum_tail(const RowInputs& in, std::size_t at) {
    using Order = typename Token::Order;
    const std::size_t count = in.width - at;
    return join<Token>(load_token_tail<Order, Token::dtype>(in.token + at * dtype_bytes(Token::dtype), count),
                       in.scale, load_last<Order>(in.segment + at * sizeof(float), count),
                       load_last<Order>(in.position + at * sizeof(float), count));
}

template <class Order>
void arrange_row(const std::byte* row, std::uint32_t width, float* arranged) {
    auto* result = reinterpret_cast<std::byte*>(arranged);
    std::size_t at = 0;
    for (; at + block <= width; at += block) {
        const Block value = load<Dtype::float32>(row + at * sizeof(float));
        save<Dtype::float32>(Order::arrange(value), result + at * sizeof(float));
    }
    if (at == width) return;
    const Block value = load_tail<Dtype::float32>(row + at * sizeof(float), width - at);
    save<Dtype::float32>(Order::arrange(value), result + at * sizeof(float));
}

#if HWY_TARGET == HWY_AVX3
/// Writes the blocks that stand in pairs as bfloat16, as write_row does; gives the number of the next one.
template <Store store, class Make>
HWY_INLINE std::size_t write_pairs(std::uint32_t width, std::byte* result, Make& make) {
    constexpr std::size_t size = dtype_bytes(Dtype::bfloat16);
    if (width < 2 * block) return 0;
    Block first = make.whole(0), second = make.whole(block);
    std::size_t at = 2 * block;
    for (; at + 2 * block <= width; at += 2 * block) {
        const Block third = make.whole(at), fourth = make.whole(at + block);
        put_two_as_bfloat16<store>(first, second, result + (at - 2 * block) * size);
        first = third;
        second = fourth;
    }
    put_two_as_bfloat16<store>(first, second, result + (at - 2 * block) * size);
    return at;
}
#endif

// Writes a row of blocks that `make` yields. A block is converted while the next one is computed: its whole
// chain of dependent steps would fill the processor's queue and leave the units waiting.
template <class Order, Dtype out, Store store, Nan nan, class Make>
HWY_INLINE void write_row(std::uint32_t width, std::byte* result, Make& make) {
    constexpr std::size_t size = dtype_bytes(out);
    std::size_t at = 0;
    if constexpr (joins_blocks<out, nan>) at = write_pairs<store>(width, result, make);
    if (width - at >= block) {
        Block ready = make.whole(at);
        for (at += block; at + block <= width; at += block) {
            const Block next = make.whole(at);
            Order::template save_result<out, store, nan>(ready, result + (at - block) * size);
            ready = next;
        }
        Order::template save_result<out, store, nan>(ready, result + (at - block) * size);
    }
    if (at < width) save_result_tail<Order, out>(make.tail(at), result + at * size, width - at);
}

void fence() {
    hwy::FlushStream();
}

template <class Token>
struct Sums {
    RowInputs in;
    Block total = fill(0);
    HWY_INLINE Block whole(std::size_t at) {
        const Block value = sum_block<Token>(in, at);
        total = add(total, value);
        return value;
    }
    HWY_INLINE Block tail(std::size_t at) { return sum_tail<Token>(in, at); }
};

// bfloat16 is first written as if no number were NaN. A single NaN makes the sum of all numbers NaN, and that
// is one addition a block where looking at each is four.
template <class Token, Dtype out, Store store>
void plain_row(const RowInputs& in, std::byte* result) {
    using Order = typename Token::Order;
    Sums<Token> sums{in};
    write_row<Order, out, store, Nan::absent>(in.width, result, sums);
    if (out != Dtype::bfloat16 || !std::isnan(sum(sums.total))) return;
    fence();
    write_row<Order, out, Store::cached, Nan::possible>(in.width, result, sums);
}

/// Two sums that do not wait for each other: of the blocks with even numbers, and of those with odd ones.
struct Totals {
    Block even, odd;
    HWY_INLINE Block& of(std::size_t at) { return at / block % 2 == 0 ? even : odd; }
};

template <class Token, NormKind norm>
float sum_row(const RowInputs& input, float* row) {
    const RowInputs in = input;  // the compiler must see that stores to `row` do not change it
    const auto term = [](const Block& value)
                          HWY_ATTR { return norm == NormKind::rms_norm ? multiply(value, value) : value; };
    auto* bytes = reinterpret_cast<std::byte*>(row);
    const auto made = [&](const Block& value, std::size_t at) HWY_ATTR {
        save<Dtype::float32>(value, bytes + at * sizeof(float));
        return term(value);
    };
    Totals totals{fill(0), fill(0)};
    std::size_t at = 0;
    for (; at + 2 * block <= in.width; at += 2 * block) {
        totals.even = add(totals.even, made(sum_block<Token>(in, at), at));
        totals.odd = add(totals.odd, made(sum_block<Token>(in, at + block), at + block));
    }
    if (at + block <= in.width) {
        totals.even = add(totals.even, made(sum_block<Token>(in, at), at));
        at += block;
    }
    if (at < in.width) totals.of(at) = add(totals.of(at), made(sum_tail<Token>(in, at), at));
    return Token::Order::total(add(totals.even, totals.odd));
}

HWY_INLINE Block load_row(const float* row, std::size_t at) {
    return load<Dtype::float32>(reinterpret_cast<const std::byte*>(row + at));
}

/// Sum of (number - mean)^2: the second pass, since E[x^2] - mean^2 would cancel.
template <class Order>
HWY_INLINE float squares_around(const float* row, std::uint32_t width, float mean) {
    const Block middle = fill(mean);
    const auto square = [&](const float* from, std::size_t at) HWY_ATTR {
        const Block difference = subtract(load_row(from, at), middle);
        return multiply(difference, difference);
    };
    Totals totals{fill(0), fill(0)};
    std::size_t at = 0;
    for (; at + 2 * block <= width; at += 2 * block) {
        totals.even = add(totals.even, square(row, at));
        totals.odd = add(totals.odd, square(row, at + block));
    }
    if (at + block <= width) {
        totals.even = add(totals.even, square(row, at));
        at += block;
    }
    if (at < width) {
        // Beyond the width the row holds zeros, whose distance from the mean must not count.
        alignas(64) float rest[block];
        save<Dtype::float32>(subtract(load_row(row, at), middle), reinterpret_cast<std::byte*>(rest));
        for (std::size_t l = width - at; l < block; ++l) rest[Order::place(l)] = 0;
        const Block difference = load_row(rest, 0);
        totals.of(at) = add(totals.of(at), multiply(difference, difference));
    }
    return Order::total(add(totals.even, totals.odd));
}

template <NormKind norm>
struct Normed {
    const float* row;
    const float* weight;
    const float* bias;
    float mean;
    float inverse;
    HWY_INLINE Block whole(std::size_t at) const {
        Block value = load_row(row, at);
        if constexpr (norm == NormKind::layer_norm) value = subtract(value, fill(mean));
        return add(multiply(multiply(value, fill(inverse)), load_row(weight, at)), load_row(bias, at));
    }
    HWY_INLINE Block tail(std::size_t at) const { return whole(at); }
};

template <class Order, NormKind norm>
void measure_row(const float* row, std::uint32_t width, float total, const NormInputs& in, Centre& centre) {
    constexpr bool centred = norm == NormKind::layer_norm;
    const float mean = centred ? static_cast<float>(static_cast<double>(total) / width) : 0.0f;
    const float squares = centred ? squares_around<Order>(row, width, mean) : total;
    const double variance = static_cast<double>(squares) / width;  // biased
    const auto inverse = static_cast<float>(1.0 / std::sqrt(variance + in.epsilon));
    // The squares are finite only if all numbers are, and then no distance times the inverse is above
    // sqrt(width).
    centre.mean = mean;
    centre.inverse = inverse;
    centre.finite = in.finite && std::isfinite(squares) && std::isfinite(inverse);
}

template <class Order, NormKind norm, Dtype out, Store store>
void finish_row(const float* row, std::uint32_t width, const Centre& centre, const NormInputs& in, std::byte* result) {
    Normed<norm> normed{row, in.weight, in.bias, centre.mean, centre.inverse};
    if (centre.finite)
        write_row<Order, out, store, Nan::absent>(width, result, normed);
    else
        write_row<Order, out, store, Nan::possible>(width, result, normed);
}

template <class Token, Dtype out, Store store>
RowKernels kernels_of(NormKind norm) {
    using Order = typename Token::Order;
    RowKernels kernels{.copy = copy_row<store>, .plain = plain_row<Token, out, store>, .fence = fence};
    if (Order::arranges) kernels.arrange = arrange_row<Order>;
    if (norm == NormKind::layer_norm) {
        kernels.sum = sum_row<Token, NormKind::layer_norm>;
        kernels.measure = measure_row<Order, NormKind::layer_norm>;
        kernels.finish = finish_row<Order, NormKind::layer_norm, out, store>;
    } else if (norm == NormKind::rms_norm) {
        kernels.sum = sum_row<Token, NormKind::rms_norm>;
        kernels.measure = measure_row<Order, NormKind::rms_norm>;
        kernels.finish = finish_row<Order, NormKind::rms_norm, out, store>;
    }
    return kernels;
}

template <class Token, Dtype out>
RowKernels kernels_of(const KernelChoice& choice) {
    return choice.store == Store::streaming ? kernels_of<Token, out, Store::streaming>(choice.norm)
                                            : kernels_of<Token, out, Store::cached>(choice.norm);
}

template <Dtype token, Dtype out>
RowKernels kernels_of(const KernelChoice& choice) {
    using Order = OrderFor<token, out>;
    return choice.scaling == Scaling::none ? kernels_of<TokenRow<Order, token, Scaling::none>, out>(choice)
                                           : kernels_of<TokenRow<Order, token, Scaling::any>, out>(choice);
}

template <Dtype token>
RowKernels kernels_of(const KernelChoice& choice) {
    switch (choice.out) {
        case Dtype::float32:
            return kernels_of<token, Dtype::float32>(choice);
        case Dtype::float16:
            return kernels_of<token, Dtype::float16>(choice);
        case Dtype::bfloat16:
            return kernels_of<token, Dtype::bfloat16>(choice);
    }
    return {};
}

RowKernels choose(const KernelChoice& choice) {
    switch (choice.token) {
        case Dtype::float32:
            return kernels_of<Dtype::float32>(choice);
        case Dtype::float16:
            return kernels_of<Dtype::float16>(choice);
        case Dtype::bfloat16:
            return kernels_of<Dtype::bfloat16>(choice);
    }
    return {};
}

}  // namespace embedloom::embed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace embedloom::embed {

HWY_EXPORT(choose);

RowKernels row_kernels(const KernelChoice& choice) {
    return HWY_DYNAMIC_DISPATCH(choose)(choice);
}

}  // namespace embedloom::embed
#endif
