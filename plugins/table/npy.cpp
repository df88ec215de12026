// Table "npy": a NumPy array file, mapped and never copied.
#include "common/npy_header.h"

namespace {

namespace sdk = embedloom::sdk;

class Npy final : public sdk::Table {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "npy", .version = "1.0.0", .summary = "A NumPy .npy array, mapped.",
        .doc = "float32 and float16 in C order; a vector is one row. Object arrays are refused: they are pickles."};
    static constexpr std::array parameters{sdk::path("file").required().doc("The .npy file.")};

    Npy(const sdk::Values& values, const sdk::Host& host) {
        const std::string path(values.text("file"));
        const auto file = host.map(path, "file");
        try {
            view_ = embedloom::plugins::matrix_of(embedloom::plugins::npy_array(file, path), file, path);
        } catch (sdk::Error& error) {
            error.parameter = "file";
            throw;
        }
    }

    el_table_view view() const override { return view_; }

  private:
    el_table_view view_{};
};

}  // namespace

EMBEDLOOM_PLUGIN(Npy)
