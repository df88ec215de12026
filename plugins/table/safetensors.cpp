// Table "safetensors": a tensor of a safetensors file, mapped and never copied.
#include "common/safetensors_header.h"

namespace {

namespace sdk = embedloom::sdk;

class Safetensors final : public sdk::Table {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "safetensors", .version = "1.0.0", .summary = "A tensor of a safetensors file, mapped.",
        .doc = "float32, float16 and bfloat16; a vector is one row. The whole header is checked before the tensor is used."};
    static constexpr std::array parameters{
        sdk::path("file").required().doc("The .safetensors file."),
        sdk::text("tensor").required().doc("The tensor's name, e.g. embeddings.word_embeddings.weight.")};

    Safetensors(const sdk::Values& values, const sdk::Host& host) {
        const std::string path(values.text("file"));
        const auto file = host.map(path, "file");
        try {
            view_ = embedloom::plugins::matrix_of(embedloom::plugins::find_tensor(file, values.text("tensor"), path), file,
                                                  path + " '" + std::string(values.text("tensor")) + "'");
        } catch (sdk::Error& error) {
            error.parameter = error.code == EL_BAD_CONFIG ? "tensor" : "file";
            throw;
        }
    }

    el_table_view view() const override { return view_; }

  private:
    el_table_view view_{};
};

}  // namespace

EMBEDLOOM_PLUGIN(Safetensors)
