// Exact conversions between float32 and the 16-bit types.
#pragma once

#include <embedloom/embed/dtype.h>

#include <cstddef>
#include <cstdint>

namespace embedloom::embed {

/// `count` numbers of type `from` at `in` (any alignment) as float32 at `out`. Every 16-bit number is one
/// float32 exactly; NaN stays NaN, with its sign and payload. in and out do not overlap. [any-thread]
void widen(const std::byte* in, Dtype from, std::uint64_t count, float* out);

/// `count` float32 at `in` as type `to` at `out` (any alignment), rounded once to the nearest, ties to even;
/// what is too large becomes infinite, what is too small zero or a subnormal; NaN stays NaN. in and out do
/// not overlap. [any-thread]
void narrow(const float* in, std::uint64_t count, Dtype to, std::byte* out);

}  // namespace embedloom::embed
