// A matrix of numbers that stands somewhere in memory, often a mapped file: looked at, never copied.
#pragma once

#include <embedloom/embed/dtype.h>

#include <cstddef>
#include <cstdint>

namespace embedloom::embed {

/// [rows, width]; row r starts at data + r * stride_bytes, at any alignment. The memory belongs to someone
/// else and must stay readable as long as anything made from the view is used. rows * stride_bytes must fit
/// the memory: not checked here.
struct TableView {
    const std::byte* data = nullptr;
    std::uint64_t rows = 0;
    std::uint32_t width = 0;
    Dtype dtype = Dtype::float32;
    std::uint64_t stride_bytes = 0;

    /// row < rows.
    const std::byte* row(std::uint64_t number) const { return data + number * stride_bytes; }
    std::uint64_t row_bytes() const { return std::uint64_t{width} * dtype_bytes(dtype); }
};

}  // namespace embedloom::embed
