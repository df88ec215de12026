// Allocation and sizes of tensors.
#include <embedloom/base/checked.h>
#include <embedloom/base/error.h>
#include <embedloom/embed/convert.h>
#include <embedloom/host/dtype.h>
#include <embedloom/run/tensor.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

namespace embedloom::run {

std::uint64_t dtype_bytes(el_dtype dtype) { return host::dtype_bytes(dtype); }

const char* dtype_name(el_dtype dtype) {
    constexpr const char* names[] = {"?",      "uint8",   "int32",    "uint32",  "int64",
                                     "uint64", "float16", "bfloat16", "float32", "float64"};
    return names[dtype];
}

std::byte* Memory::require(std::uint64_t bytes) {
    if (bytes <= capacity_) return data_.get();
    constexpr std::uint64_t huge_page = 2 << 20, line = 64;
    const std::uint64_t alignment = bytes >= huge_page ? huge_page : line;
    const auto rounded = base::checked_round_up(bytes, alignment);
    data_.reset();
    capacity_ = 0;
    void* fresh = rounded ? std::aligned_alloc(alignment, *rounded) : nullptr;
    if (!fresh)
        throw base::Failure({.code = base::Code::resources, .found = "no memory for " + std::to_string(bytes) + " bytes",
                             .hint = "make batch.size or run.memory smaller"});
    if (alignment == huge_page) ::madvise(fresh, *rounded, MADV_HUGEPAGE);  // advice: its failure changes nothing
    data_.reset(static_cast<std::byte*>(fresh), &std::free);
    capacity_ = *rounded;
    return data_.get();
}

std::uint64_t Tensor::row_bytes() const {
    std::uint64_t bytes = dtype_bytes(dtype);
    for (std::size_t axis = 1; axis < shape.size(); ++axis) bytes *= shape[axis];
    return bytes;
}

Number number_at(const Tensor& tensor, std::uint64_t index) {
    const std::byte* at = tensor.data() + index * dtype_bytes(tensor.dtype);
    const auto integer = [&]<class T>(T value) {
        std::memcpy(&value, at, sizeof value);
        return Number(static_cast<std::int64_t>(value));
    };
    const auto real = [&](embed::Dtype dtype) {
        float value = 0;
        embed::widen(at, dtype, 1, &value);
        return Number(static_cast<double>(value));
    };
    switch (tensor.dtype) {
        case EL_U8: return integer(std::uint8_t{});
        case EL_I32: return integer(std::int32_t{});
        case EL_U32: return integer(std::uint32_t{});
        case EL_I64: return integer(std::int64_t{});
        case EL_U64: return integer(std::uint64_t{});
        case EL_F16: return real(embed::Dtype::float16);
        case EL_BF16: return real(embed::Dtype::bfloat16);
        case EL_F32: return real(embed::Dtype::float32);
        default: break;
    }
    double value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

}  // namespace embedloom::run
