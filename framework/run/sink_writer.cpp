// Batches in the words of the contract.
#include <embedloom/host/kind.h>
#include <embedloom/run/sink_writer.h>

namespace embedloom::run {

SinkWriter::SinkWriter(host::SinkStage& sink, const Run& run) : sink_(sink) {
    const el_run_facts facts{.size = sizeof(el_run_facts), .rank = run.rank, .world = run.world, .flags = run.resumes ? EL_RUN_RESUMES : 0,
                             .fingerprint = host::text_of(run.fingerprint), .first_step = run.first_step};
    sink_.open(facts).or_throw();
}

void SinkWriter::write(const Batch& batch) {
    std::vector<el_tensor> tensors;
    for (const Tensor& tensor : batch.tensors)
        tensors.push_back({sizeof(el_tensor), tensor.dtype, host::text_of(tensor.name), tensor.shape.data(), tensor.data(),
                           static_cast<std::uint32_t>(tensor.shape.size()), 0});
    std::vector<el_origin> origins;
    for (const Origin& origin : batch.origins)
        origins.push_back({host::text_of(origin.file), origin.byte, origin.record, origin.epoch});
    const el_batch out{.size = sizeof(el_batch), .tensor_count = static_cast<std::uint32_t>(tensors.size()),
                       .tensors = tensors.data(), .step = batch.step, .row_count = batch.rows,
                       .pad_left = batch.pad_side == PadSide::left, .row_lengths = batch.row_lengths.data(),
                       .origins = origins.data()};
    sink_.write(out).or_throw();
}

void SinkWriter::close() { sink_.close().or_throw(); }

}  // namespace embedloom::run
