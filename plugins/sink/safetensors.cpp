// Sink "safetensors": a file a batch, its tensors under their names.
#include <embedloom/sdk/sink.h>

#include <algorithm>
#include <numeric>

#include "common/batch_folder.h"

namespace {

namespace sdk = embedloom::sdk;
using namespace embedloom::plugins;

struct TypeName {
    std::string_view name;
    std::uint64_t bytes;
};

TypeName type_of(el_dtype dtype) {
    constexpr TypeName names[] = {{"", 0},    {"U8", 1},  {"I32", 4},  {"U32", 4}, {"I64", 8},
                                  {"U64", 8}, {"F16", 2}, {"BF16", 2}, {"F32", 4}, {"F64", 8}};
    return names[dtype];
}

std::string_view bytes_of(const el_tensor& tensor) {
    std::uint64_t bytes = type_of(tensor.dtype).bytes;
    for (std::uint32_t axis = 0; axis < tensor.rank; ++axis) bytes *= tensor.shape[axis];
    return {static_cast<const char*>(tensor.data), bytes};
}

class Safetensors final : public sdk::Sink {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "safetensors", .version = "1.0.0", .summary = "A safetensors file a batch.",
        .doc = "`batch-00000000.safetensors` by step, with the tensors of `batch.emit`; `batches.jsonl` tells of each as soon as "
               "it is whole on disk; `manifest.json` at the end has the fingerprint and all digests.",
        .concurrency = sdk::Concurrency::serial};
    static constexpr auto parameters = folder_parameters;

    Safetensors(const sdk::Values& values, const sdk::Host& host) : folder_(values, host, ".safetensors") {}

    void open(const el_run_facts& run) override { folder_.open(run); }
    void close() override { folder_.close(); }

    void write(const el_batch& batch) override {
        // Wide types first, so that each tensor is aligned for its type whatever stands before it.
        std::vector<std::uint32_t> order(batch.tensor_count);
        std::iota(order.begin(), order.end(), 0u);
        std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            return type_of(batch.tensors[a].dtype).bytes > type_of(batch.tensors[b].dtype).bytes;
        });
        const std::string header = header_of(batch, order);
        std::vector<std::string_view> pieces{header};
        for (const std::uint32_t i : order) pieces.push_back(bytes_of(batch.tensors[i]));
        folder_.write(batch.step, batch.row_count, pieces);
    }

  private:
    /// Length, JSON, and spaces up to a multiple of 64 so that mapped tensors start aligned.
    static std::string header_of(const el_batch& batch, const std::vector<std::uint32_t>& order) {
        std::string json = "{\"__metadata__\":{\"format\":\"pt\",\"step\":\"" + std::to_string(batch.step) + "\"}";
        std::uint64_t begin = 0;
        for (const std::uint32_t i : order) {
            const el_tensor& tensor = batch.tensors[i];
            json += "," + json_text(sdk::from_abi(tensor.name)) + ":{\"dtype\":\"" +
                    std::string(type_of(tensor.dtype).name) + "\",\"shape\":[";
            for (std::uint32_t axis = 0; axis < tensor.rank; ++axis)
                json += (axis ? "," : "") + std::to_string(tensor.shape[axis]);
            const std::uint64_t end = begin + bytes_of(tensor).size();
            json += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
            begin = end;
        }
        json += "}";
        json.append((64 - (json.size() + 8) % 64) % 64, ' ');
        const std::uint64_t size = json.size();
        return std::string(reinterpret_cast<const char*>(&size), 8) + json;
    }

    BatchFolder folder_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Safetensors)
