// The embedding kernels again, as slow and obvious as can be: what the fast ones are held against.
#pragma once

#include <embedloom/embed/assembler.h>

#include <cstdint>
#include <vector>

namespace embedloom::reference {

/// One number of a 16-bit type as its definition says: sign, exponent, fraction.
double value_of(std::uint16_t bits, embed::Dtype dtype);

/// The nearest number of a 16-bit type, found by trying all; of two equally near ones the one with an even
/// last bit.
std::uint16_t nearest_of(float value, embed::Dtype dtype);

/// The same sums as embed::Assembler in float32, in the same order of 32 lanes, by plain loops: equal
/// bit for bit. [R*S*D]
std::vector<float> assemble_in_lanes(const embed::Recipe& recipe, const embed::Strip& strip);

/// The definition in float64 with sums from left to right: equal up to rounding. [R*S*D]
std::vector<double> assemble_in_double(const embed::Recipe& recipe, const embed::Strip& strip);

}  // namespace embedloom::reference
