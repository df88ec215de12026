// The memory of one batch, and the shape its rows take in it.
#pragma once

#include <embedloom/run/layout.h>
#include <embedloom/run/session.h>

#include <vector>

namespace embedloom::run {

/// One slot of the engine: opened by one thread, filled in strips by many, read by the caller, reused.
struct BatchSlot {
    std::uint32_t rows = 0;
    std::uint32_t length = 0;  ///< S
    std::vector<Tensor> tensors;
    std::vector<std::uint32_t> row_lengths;
    std::vector<Origin> origins;
    Batch view;                ///< what the caller gets
};

/// Fixes rows, S and the tensors' shapes and memory. Throws base::Failure (resources).
void open_slot(BatchSlot& slot, const std::vector<TensorPlan>& plans, std::uint32_t rows, std::uint32_t length);

/// Bytes of all tensors of one row.
std::uint64_t bytes_per_row(const BatchSlot& slot);

}  // namespace embedloom::run
