// What every table file comes down to: a type, a shape and a range of bytes, checked before anything is read.
#pragma once

#include <embedloom/sdk/table.h>

#include <string>

namespace embedloom::plugins {

/// A tensor in a mapped file. `shape` is as the file states it.
struct TensorPlace {
    el_dtype dtype = EL_F32;
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0;  ///< byte in the file
    std::uint64_t bytes = 0;
};

/// "[30522, 384]".
std::string shape_text(std::span<const std::uint64_t> shape);

/// Bytes of one number.
std::uint64_t dtype_bytes(el_dtype dtype);

/// Product of the shape and the number's size; nothing where it does not fit 64 bits.
std::optional<std::uint64_t> bytes_of(std::span<const std::uint64_t> shape, std::uint64_t number_bytes);

/// The matrix of a tensor of rank 2, or of rank 1 as one row. Other ranks, empty tensors and rows wider than 65536 are
/// refused by sdk::Error with `where` as the source.
el_table_view matrix_of(const TensorPlace& place, std::span<const std::byte> file, const std::string& where);

/// What a file that is not what it should be looks like: "a Git-LFS pointer", "an HTML page", "gzip data", or empty.
std::string looks_like(std::span<const std::byte> file);

}  // namespace embedloom::plugins
