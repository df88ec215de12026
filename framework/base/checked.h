// Arithmetic on sizes that come from files: a result that does not fit is an error, never a wrapped number.
#pragma once

#include <concepts>
#include <optional>

namespace embedloom::base {

/// a + b, or nothing where it does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_add(T a, T b) {
    T sum{};
    return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional<T>(sum);
}

/// a * b, or nothing where it does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_multiply(T a, T b) {
    T product{};
    return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional<T>(product);
}

/// `value` rounded up to a multiple of `step` (not 0), or nothing where it does not fit.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_round_up(T value, T step) {
    const T over = value % step;
    return over ? checked_add<T>(value, step - over) : std::optional<T>(value);
}

}  // namespace embedloom::base
