// Conversions: every 16-bit number, and every place where rounding turns.
#include <cmath>
#include <limits>

#include "each_instruction_set.h"
#include "numbers.h"
#include "reference/embed_twin.h"

namespace {

using namespace embedloom;
using namespace embedloom::test;
using embed::Dtype;

constexpr std::uint16_t infinity_of(Dtype dtype) {
    return dtype == Dtype::float16 ? 0x7C00 : 0x7F80;
}

std::vector<std::uint16_t> narrowed(const std::vector<float>& numbers, Dtype dtype) {
    std::vector<std::uint16_t> bits(numbers.size());
    embed::narrow(numbers.data(), numbers.size(), dtype, reinterpret_cast<std::byte*>(bits.data()));
    return bits;
}

std::vector<float> widened(const std::vector<std::uint16_t>& bits, Dtype dtype) {
    std::vector<float> numbers(bits.size());
    embed::widen(reinterpret_cast<const std::byte*>(bits.data()), dtype, bits.size(), numbers.data());
    return numbers;
}

float middle(std::uint16_t below, Dtype dtype) {
    const bool last = below + 1 == infinity_of(dtype);
    const double above = !last ? reference::value_of(static_cast<std::uint16_t>(below + 1), dtype)
                         : dtype == Dtype::float16 ? 0x1p16
                                                   : 0x1p128;
    return static_cast<float>((reference::value_of(below, dtype) + above) / 2);
}

}  // namespace

TEST_CASE("convert: each of the 65536 numbers of a 16-bit type becomes its float32", "[embed]") {
    const Dtype dtype = GENERATE(Dtype::float16, Dtype::bfloat16);
    std::vector<std::uint16_t> all(65536);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint16_t>(i);
    with_each_instruction_set([&] {
        const std::vector<float> numbers = widened(all, dtype);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const double expected = reference::value_of(all[i], dtype);
            const bool same =
                std::isnan(expected) ? std::isnan(numbers[i]) : static_cast<double>(numbers[i]) == expected;
            wrong += !same || std::signbit(numbers[i]) != (i >= 32768);
        }
        CHECK(wrong == 0);
        CHECK(narrowed(numbers, dtype)[0x3C01] == 0x3C01);
    });
}

TEST_CASE(
    "convert: between any two neighbours float32 is rounded to the nearer one, from the middle to the even "
    "one",
    "[embed]") {
    const Dtype dtype = GENERATE(Dtype::float16, Dtype::bfloat16);
    std::vector<float> numbers;
    std::vector<std::uint16_t> expected;
    for (std::uint16_t below = 0; below < infinity_of(dtype); ++below) {
        const float tie = middle(below, dtype);
        const auto above = static_cast<std::uint16_t>(below + 1);
        numbers.insert(numbers.end(), {std::nextafter(tie, 0.0f), tie, std::nextafter(tie, INFINITY), -tie});
        const std::uint16_t even = below % 2 ? above : below;
        expected.insert(expected.end(), {below, even, above, static_cast<std::uint16_t>(even | 0x8000)});
    }
    with_each_instruction_set([&] { CHECK(narrowed(numbers, dtype) == expected); });
}

TEST_CASE("convert: random float32 become the nearest of all 16-bit numbers", "[embed]") {
    const Dtype dtype = GENERATE(Dtype::float16, Dtype::bfloat16);
    std::vector<float> numbers = {
        0.0f,     -0.0f,    1.0f,     257.0f,    259.0f,   1023.0f,   131071.0f,
        65519.0f, 65520.0f, 0x1p-25f, 0x1p-149f, INFINITY, -INFINITY, std::numeric_limits<float>::max()};
    std::mt19937 engine(7);
    while (numbers.size() < 61) {
        const float number = float_of(static_cast<std::uint32_t>(engine()));
        if (!std::isnan(number)) numbers.push_back(number);
    }
    std::vector<std::uint16_t> expected;
    for (const float number : numbers) expected.push_back(reference::nearest_of(number, dtype));
    with_each_instruction_set([&] { CHECK(narrowed(numbers, dtype) == expected); });
}

TEST_CASE("convert: bfloat16 rounds 257, 259, 1023 and 131071 as published", "[embed]") {
    const std::vector<float> rounded =
        widened(narrowed({257, 259, 1023, 131071}, Dtype::bfloat16), Dtype::bfloat16);
    CHECK(rounded == std::vector<float>{256, 260, 1024, 131072});
}

TEST_CASE("convert: NaN stays NaN with its sign and the payload that fits", "[embed]") {
    const std::vector<float> nans = {float_of(0x7FC00000), float_of(0xFFC00000), float_of(0x7F800001),
                                     float_of(0xFFFFFFFF)};
    with_each_instruction_set([&] {
        CHECK(narrowed(nans, Dtype::float16) == std::vector<std::uint16_t>{0x7E00, 0xFE00, 0x7E00, 0xFFFF});
        CHECK(narrowed(nans, Dtype::bfloat16) == std::vector<std::uint16_t>{0x7FC0, 0xFFC0, 0x7FC0, 0xFFFF});
        std::vector<std::uint32_t> bits;
        for (const float number : widened({0x7E01, 0xFC01, 0x7FFF}, Dtype::float16))
            bits.push_back(bits_of(number));
        CHECK(bits == std::vector<std::uint32_t>{0x7FC02000, 0xFFC02000, 0x7FFFE000});
    });
}

TEST_CASE("convert: spans of any length and address are filled to their end and no further", "[embed]") {
    const std::vector<float> numbers = random_floats(40, 11);
    const auto dtype = GENERATE(Dtype::float32, Dtype::float16, Dtype::bfloat16);
    with_each_instruction_set([&] {
        for (std::size_t count = 0; count < 40; ++count) {
            std::vector<std::byte> bytes(1 + count * embed::dtype_bytes(dtype) + 1, std::byte{0xA5});
            embed::narrow(numbers.data(), count, dtype, bytes.data() + 1);
            std::vector<float> back(count + 1, 99.0f);
            embed::widen(bytes.data() + 1, dtype, count, back.data());
            REQUIRE(bytes.front() == std::byte{0xA5});
            REQUIRE(bytes.back() == std::byte{0xA5});
            REQUIRE(back[count] == 99.0f);
            for (std::size_t i = 0; i < count; ++i)
                REQUIRE(back[i] == Approx(numbers[i]).epsilon(0x1p-8).margin(0x1p-24));
        }
    });
}
