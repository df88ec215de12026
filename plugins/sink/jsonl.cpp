// Sink "jsonl": a line a row, unpadded, for people and for tools that read text.
#include <embedloom/sdk/numbers.h>
#include <embedloom/sdk/sink.h>

#include <cmath>
#include <cstdio>

#include "common/batch_folder.h"

namespace {

namespace sdk = embedloom::sdk;
using namespace embedloom::plugins;

/// The number at `index` of a tensor as JSON: integers exactly, floats so that they read back the same.
void append_number(std::string& out, const el_tensor& tensor, std::uint64_t index) {
    const auto* at = static_cast<const unsigned char*>(tensor.data);
    const auto value = [&]<class T>(T) {
        T number;
        std::memcpy(&number, at + index * sizeof(T), sizeof(T));
        return number;
    };
    double number = 0;
    switch (tensor.dtype) {
        case EL_U8: out += std::to_string(value(std::uint8_t{})); return;
        case EL_I32: out += std::to_string(value(std::int32_t{})); return;
        case EL_U32: out += std::to_string(value(std::uint32_t{})); return;
        case EL_I64: out += std::to_string(value(std::int64_t{})); return;
        case EL_U64: out += std::to_string(value(std::uint64_t{})); return;
        case EL_F32: number = value(float{}); break;
        case EL_F16: number = sdk::half_to_float(value(std::uint16_t{})); break;
        case EL_BF16: number = sdk::bfloat_to_float(value(std::uint16_t{})); break;
        case EL_F64: number = value(double{}); break;
        default: throw sdk::Error{.code = EL_INTERNAL, .found = "a tensor type that this sink does not know"};
    }
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", tensor.dtype == EL_F64 ? 17 : 9, number);
    out += std::isfinite(number) ? text : "null";
}

/// Elements [begin, end) of axis `axis` at offset, nested as deep as the shape is.
void append_list(std::string& out, const el_tensor& tensor, std::uint32_t axis, std::uint64_t offset,
                 std::uint64_t begin, std::uint64_t end) {
    std::uint64_t stride = 1;
    for (std::uint32_t later = axis + 1; later < tensor.rank; ++later) stride *= tensor.shape[later];
    out += '[';
    for (std::uint64_t i = begin; i < end; ++i) {
        if (i > begin) out += ',';
        if (axis + 1 == tensor.rank)
            append_number(out, tensor, offset + i);
        else
            append_list(out, tensor, axis + 1, offset + i * stride, 0, tensor.shape[axis + 1]);
    }
    out += ']';
}

class Jsonl final : public sdk::Sink {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "jsonl", .version = "1.0.0", .summary = "A JSON line a row, unpadded.",
        .doc = "`batch-00000000.jsonl` by step. A line has `file`, `byte`, `record` and `epoch` of the row's record, and every "
               "tensor of `batch.emit` without its pads. Numbers that are not finite become null.",
        .concurrency = sdk::Concurrency::serial};
    static constexpr auto parameters = folder_parameters;

    Jsonl(const sdk::Values& values, const sdk::Host& host) : folder_(values, host, ".jsonl") {}

    void open(const el_run_facts& run) override { folder_.open(run); }
    void close() override { folder_.close(); }

    void write(const el_batch& batch) override {
        std::string text;
        for (std::uint32_t row = 0; row < batch.row_count; ++row) append_row(text, batch, row);
        const std::string_view piece = text;
        folder_.write(batch.step, batch.row_count, {&piece, 1});
    }

  private:
    static void append_row(std::string& out, const el_batch& batch, std::uint32_t row) {
        const el_origin& origin = batch.origins[row];
        out += "{\"file\":" + json_text(sdk::from_abi(origin.file)) + ",\"byte\":" + std::to_string(origin.byte) +
               ",\"record\":" + std::to_string(origin.record) + ",\"epoch\":" + std::to_string(origin.epoch);
        for (std::uint32_t t = 0; t < batch.tensor_count; ++t) {
            const el_tensor& tensor = batch.tensors[t];
            out += "," + json_text(sdk::from_abi(tensor.name)) + ":";
            std::uint64_t row_size = 1;
            for (std::uint32_t axis = 1; axis < tensor.rank; ++axis) row_size *= tensor.shape[axis];
            if (tensor.rank < 2) {
                append_number(out, tensor, row);
                continue;
            }
            const std::uint64_t length = batch.row_lengths[row], begin = batch.pad_left ? tensor.shape[1] - length : 0;
            append_list(out, tensor, 1, row * row_size, begin, begin + length);
        }
        out += "}\n";
    }

    BatchFolder folder_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Jsonl)
