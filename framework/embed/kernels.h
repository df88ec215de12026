// What makes one token's vector: small functions over one row, chosen once for types and instruction set.
#pragma once

#include <embedloom/embed/dtype.h>
#include <embedloom/embed/store.h>

#include <cstddef>
#include <cstdint>

namespace embedloom::embed {

enum class NormKind : std::uint8_t { none, layer_norm, rms_norm };
/// Whether token rows are multiplied at all.
enum class Scaling : std::uint8_t { none, any };

/// Where the parts of one token's vector stand, each at any alignment, `width` numbers. Segment and position
/// have gone through `arrange` if there is one.
struct RowInputs {
    const std::byte* token = nullptr;  ///< of the table's type
    const std::byte* next_token =
        nullptr;  ///< the row that comes after, fetched ahead; never read by the kernel itself
    const std::byte* segment = nullptr;   ///< float32
    const std::byte* position = nullptr;  ///< float32
    float scale = 1;
    std::uint32_t width = 0;
};

/// Scale and shift of a norm: padded_width(width) numbers each, arranged.
struct NormInputs {
    const float* weight = nullptr;
    const float* bias = nullptr;
    double epsilon = 0;
    bool finite = false;  ///< all of weight and bias are
};

/// Numbers that a row needs in scratch memory: whole blocks of 16.
constexpr std::uint32_t padded_width(std::uint32_t width) {
    return (width + 15) / 16 * 16;
}

/// The first `bytes` of a row as they are; `next` is fetched ahead.
using CopyRow = void (*)(const std::byte* row, const std::byte* next, std::uint64_t bytes, std::byte* out);
/// float32 [width] at any alignment, into the order that the other kernels want vectors in: [padded_width],
/// zeros at its end. May be done in place.
using ArrangeRow = void (*)(const std::byte* row, std::uint32_t width, float* arranged);
/// (token * scale + segment) + position, to the output's type.
using PlainRow = void (*)(const RowInputs&, std::byte* out);
/// The same sum to scratch memory [padded_width], 64-byte aligned; returns the sum of the numbers, or for
/// rms_norm of their squares.
using SumRow = float (*)(const RowInputs&, float* row);
/// What a norm takes from a row and multiplies it by.
struct Centre {
    float mean = 0;
    float inverse = 1;
    bool finite = false;  ///< so are then all numbers of the row, and what the norm makes of them
};

/// Of such a sum; `total` is what SumRow returned. To memory: returned, the three would go through bytes that are read back together
/// before they are written, for which the processor waits until all stores before them are done.
using MeasureRow = void (*)(const float* row, std::uint32_t width, float total, const NormInputs&, Centre& centre);
/// The norm of the sum, to the output's type.
using FinishRow = void (*)(const float* row, std::uint32_t width, const Centre&, const NormInputs&, std::byte* out);

struct RowKernels {
    ArrangeRow arrange = nullptr;  // nullptr: as in memory
    CopyRow copy = nullptr;
    PlainRow plain = nullptr;  // norm none
    SumRow sum = nullptr;      // else these three
    MeasureRow measure = nullptr;
    FinishRow finish = nullptr;
    void (*fence)() = nullptr;  // after the last streaming store
};

struct KernelChoice {
    Dtype token;
    Dtype out;
    Scaling scaling;
    NormKind norm;
    Store store;
};

/// For the best instruction set of this machine, or the one that use_instruction_set() has named.
/// [any-thread]
RowKernels row_kernels(const KernelChoice& choice);

}  // namespace embedloom::embed
