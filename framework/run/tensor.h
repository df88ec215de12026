// Named arrays in memory that is kept between batches.
#pragma once

#include <embedloom/abi/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace embedloom::run {

/// Bytes of one number.
std::uint64_t dtype_bytes(el_dtype dtype);
/// "int64", "float32", "bfloat16".
const char* dtype_name(el_dtype dtype);

/// 64-byte aligned memory that only grows. What is in it is lost when it grows. Stays faulted in between uses, in huge pages
/// where the system gives them: writing to fresh pages costs more than the embedding itself.
class Memory {
  public:
    /// At least `bytes`; throws base::Failure (resources) when the system has no more.
    std::byte* require(std::uint64_t bytes);
    std::byte* data() const { return data_.get(); }
    std::uint64_t capacity() const { return capacity_; }
    /// Keeps the bytes alive when this object goes. They may be written again once their batch is given back.
    std::shared_ptr<std::byte> share() const { return data_; }

  private:
    std::shared_ptr<std::byte> data_;
    std::uint64_t capacity_ = 0;
};

/// A C-contiguous array. The first axis is the batch's rows.
struct Tensor {
    std::string name;
    el_dtype dtype = EL_I64;
    std::vector<std::uint64_t> shape;
    Memory memory;

    std::byte* data() const { return memory.data(); }
    std::uint64_t row_bytes() const;  ///< of one index of the first axis
    std::uint64_t bytes() const { return shape.empty() ? 0 : shape[0] * row_bytes(); }
};

/// The number at an index, in C order: integers as they are, real ones exactly as double.
using Number = std::variant<std::int64_t, double>;
Number number_at(const Tensor& tensor, std::uint64_t index);

}  // namespace embedloom::run
