// The number types that tables and embeddings come in.
#pragma once

#include <cstdint>

namespace embedloom::embed {

/// Little-endian, as in memory. bfloat16 is the upper half of a float32.
enum class Dtype : std::uint8_t { float32, float16, bfloat16 };

constexpr std::uint32_t dtype_bytes(Dtype dtype) {
    return dtype == Dtype::float32 ? 4 : 2;
}

}  // namespace embedloom::embed
