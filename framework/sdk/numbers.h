// The 16-bit float types, widened: exact for every value, NaN and denormals included.
#pragma once

#include <bit>
#include <cstdint>

namespace embedloom::sdk {

/// IEEE binary16 to float32.
inline float half_to_float(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000u) << 16, exponent = (half >> 10) & 31u, fraction = half & 1023u;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
    if (exponent) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
    const float denormal = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -denormal : denormal;
}

/// bfloat16 to float32.
inline float bfloat_to_float(std::uint16_t bfloat) { return std::bit_cast<float>(std::uint32_t{bfloat} << 16); }

}  // namespace embedloom::sdk
