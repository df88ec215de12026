// Labels that are real numbers: a batch has them as float32.
#pragma once

#include <cmath>
#include <string_view>

namespace embedloom::source {

inline constexpr std::string_view real_labels = "a finite float32, from -3.4028235e+38 to 3.4028235e+38";

/// Whether the nearest float32 is finite: it is for what lies less than half a step beyond the largest. NaN is not.
inline bool is_finite_float(double number) { return std::fabs(number) < 0x1.ffffffp127; }

}  // namespace embedloom::source
