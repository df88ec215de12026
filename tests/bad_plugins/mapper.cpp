// A well-behaved table that maps the file it is given and says what it sees of the pipeline's tokenizer.
#include <embedloom/sdk/table.h>

namespace {

namespace sdk = embedloom::sdk;

class Mapper final : public sdk::Table {
  public:
    static constexpr sdk::Declaration declaration{.name = "mapper", .version = "1.0.0", .summary = "A file's bytes as float16."};
    static constexpr std::array parameters{sdk::path("file").required().doc("Any file with two bytes.")};

    Mapper(const sdk::Values& values, const sdk::Host& host) : bytes_(host.map(values.text("file"), "file")) {
        const el_vocabulary* vocabulary = host.vocabulary();
        host.note(vocabulary ? "token c is " + std::to_string(host.find_token("c").value_or(0)) + " of " +
                                   std::to_string(vocabulary->vocab_size)
                             : "no vocabulary");
    }
    el_table_view view() const override {
        return {.dtype = EL_F16, .data = bytes_.data(), .rows = bytes_.size() / 2, .stride = 2, .width = 1};
    }

  private:
    std::span<const std::byte> bytes_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Mapper)
