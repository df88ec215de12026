// Reading of a NumPy .npy header, as hostile input: a small grammar of our own, never Python's.
#pragma once

#include "matrix.h"

namespace embedloom::plugins {

/// The array of a .npy file, versions 1.0 to 3.0: `<f4` or `<f2` in C order. Object arrays (pickle), structured, big-endian
/// and Fortran-ordered ones are refused with what to do; so are headers over 10,000 bytes and data that is short or long.
/// Throws sdk::Error (EL_BAD_DATA, or EL_BAD_CONFIG where the file is right but not usable). Source: NumPy's format page.
TensorPlace npy_array(std::span<const std::byte> file, const std::string& where);

}  // namespace embedloom::plugins
