// The embedding kernels again, as slow and obvious as can be.
#include "reference/embed_twin.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace embedloom::reference {

using embed::Dtype;
using embed::NormKind;

double value_of(std::uint16_t bits, Dtype dtype) {
    const int exponent_bits = dtype == Dtype::float16 ? 5 : 8;
    const int fraction_bits = 15 - exponent_bits;
    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int sign = bits >> 15;
    const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    const int fraction = bits & ((1 << fraction_bits) - 1);
    double magnitude = 0;
    if (exponent == (1 << exponent_bits) - 1)
        magnitude =
            fraction ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    else if (exponent == 0)
        magnitude = std::ldexp(fraction, 1 - bias - fraction_bits);
    else
        magnitude = std::ldexp(fraction + (1 << fraction_bits), exponent - bias - fraction_bits);
    return sign ? -magnitude : magnitude;
}

std::uint16_t nearest_of(float value, Dtype dtype) {
    const std::uint16_t infinity = dtype == Dtype::float16 ? 0x7C00 : 0x7F80;
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::fabs(static_cast<double>(value));
    // Rounding treats infinity as the next number after the largest: half way there and beyond becomes
    // infinite.
    const double beyond = dtype == Dtype::float16 ? 0x1p16 : 0x1p128;
    std::uint16_t best = 0;
    double best_distance = magnitude;
    for (std::uint16_t bits = 1; bits <= infinity; ++bits) {
        const double candidate = bits == infinity ? beyond : value_of(bits, dtype);
        const double distance =
            std::isinf(magnitude) ? (bits == infinity ? 0 : 1) : std::fabs(candidate - magnitude);
        if (distance < best_distance || (distance == best_distance && bits % 2 == 0)) {
            best = bits;
            best_distance = distance;
        }
    }
    return static_cast<std::uint16_t>(sign | best);
}

namespace {

double number(const embed::TableView& table, std::int64_t row, std::uint32_t column) {
    const std::byte* at =
        table.row(static_cast<std::uint64_t>(row)) + column * embed::dtype_bytes(table.dtype);
    if (table.dtype == Dtype::float32) {
        float value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
    std::uint16_t bits;
    std::memcpy(&bits, at, sizeof bits);
    return value_of(bits, table.dtype);
}

// The parts of token `at` of the strip, in Number's arithmetic.
template <class Number>
std::vector<Number> sum_of(const embed::Recipe& recipe, const embed::Strip& strip, std::uint64_t at) {
    const std::uint32_t width = recipe.token.width;
    const std::uint64_t row = at / strip.length;
    const std::uint64_t column = at % strip.length;
    std::vector<Number> sum(width);
    for (std::uint32_t d = 0; d < width; ++d) {
        sum[d] =
            static_cast<Number>(number(recipe.token, strip.ids[at], d)) * static_cast<Number>(recipe.scale);
        if (recipe.segment) sum[d] += static_cast<Number>(number(*recipe.segment, strip.segment_ids[at], d));
        if (strip.positions) sum[d] += strip.positions[row * strip.position_stride + column * width + d];
    }
    return sum;
}

float in_lanes(const std::vector<float>& terms) {
    std::array<float, 32> lane{};  // sixteen of even blocks, sixteen of odd ones
    for (std::size_t d = 0; d < terms.size(); ++d) lane[d % lane.size()] += terms[d];
    for (std::size_t half = lane.size() / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) lane[l] += lane[l + half];
    return lane[0];
}

double from_left_to_right(const std::vector<double>& terms) {
    double total = 0;
    for (const double term : terms) total += term;
    return total;
}

template <class Number, class Sum>
void normalise(std::vector<Number>& x, const embed::Norm& norm, Sum sum) {
    if (norm.kind == NormKind::none) return;
    const auto width = static_cast<double>(x.size());
    const auto mean = norm.kind == NormKind::layer_norm ? static_cast<Number>(sum(x) / width) : Number{0};
    std::vector<Number> squares;
    for (const Number value : x) squares.push_back((value - mean) * (value - mean));
    const auto inverse = static_cast<Number>(1.0 / std::sqrt(sum(squares) / width + norm.epsilon));
    for (std::size_t d = 0; d < x.size(); ++d) {
        x[d] = (x[d] - mean) * inverse;
        if (norm.weight) x[d] *= norm.weight[d];
        if (norm.bias) x[d] += norm.bias[d];
    }
}

template <class Number, class Sum>
std::vector<Number> assemble(const embed::Recipe& recipe, const embed::Strip& strip, Sum sum) {
    std::vector<Number> all;
    for (std::uint64_t at = 0; at < strip.rows * strip.length; ++at) {
        std::vector<Number> x = sum_of<Number>(recipe, strip, at);
        normalise(x, recipe.norm, sum);
        if (strip.zero_where_0 && strip.zero_where_0[at] == 0) x.assign(x.size(), 0);
        all.insert(all.end(), x.begin(), x.end());
    }
    return all;
}

}  // namespace

std::vector<float> assemble_in_lanes(const embed::Recipe& recipe, const embed::Strip& strip) {
    return assemble<float>(recipe, strip, in_lanes);
}

std::vector<double> assemble_in_double(const embed::Recipe& recipe, const embed::Strip& strip) {
    return assemble<double>(recipe, strip, from_left_to_right);
}

}  // namespace embedloom::reference
