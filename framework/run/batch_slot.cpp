// Shapes of a batch's tensors.
#include <embedloom/run/batch_slot.h>

namespace embedloom::run {

namespace {

std::vector<std::uint64_t> shape_of(const TensorPlan& plan, std::uint32_t rows, std::uint32_t length) {
    if (!plan.per_token) return {rows};
    if (plan.width == 1 && plan.content != Content::embeddings && plan.content != Content::word_embeddings)
        return {rows, length};
    return {rows, length, plan.width};
}

}  // namespace

void open_slot(BatchSlot& slot, const std::vector<TensorPlan>& plans, std::uint32_t rows, std::uint32_t length) {
    slot.rows = rows;
    slot.length = length;
    slot.tensors.resize(plans.size());
    slot.row_lengths.assign(rows, 0);
    slot.origins.assign(rows, {});
    for (std::size_t i = 0; i < plans.size(); ++i) {
        Tensor& tensor = slot.tensors[i];
        if (tensor.name.empty()) tensor.name = plans[i].name;
        tensor.dtype = plans[i].dtype;
        tensor.shape = shape_of(plans[i], rows, length);
        tensor.memory.require(tensor.bytes());
    }
}

std::uint64_t bytes_per_row(const BatchSlot& slot) {
    std::uint64_t bytes = 0;
    for (const Tensor& tensor : slot.tensors) bytes += tensor.row_bytes();
    return bytes;
}

}  // namespace embedloom::run
