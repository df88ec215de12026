// Any bytes as a vocab.txt and as a tokenizer.json: refused with a LoadFailure, or a tokenizer that encodes.
// link: plugin_tokenizer_common
#include "tokenizer/common/encoder.h"
#include "tokenizer/common/failure.h"
#include "tokenizer/common/tokenizer_json.h"
#include "tokenizer/common/vocab_file.h"

namespace {

using namespace embedloom::plugins;

class CountingOutput final : public TokenOutput {
  public:
    TokenRoom next(std::size_t, std::size_t wanted) override {
        ids_.resize(wanted);
        return {ids_.data(), nullptr, nullptr, wanted};
    }

  private:
    std::vector<std::uint32_t> ids_;
};

template <class Read>
void use(Read read) {
    try {
        const WordPieceModel model(read());
        static EncodeScratch* scratch = nullptr;
        delete scratch;  // a cache belongs to one model
        scratch = new EncodeScratch;
        CountingOutput output;
        Encoder(model, *scratch, output)
            .encode("Caf\u00E9 [MASK]\u4E00 <x>, unaffable\n", WordPieceModel::none);
        std::vector<std::uint32_t> all(model.size());
        for (std::uint32_t id = 0; id < model.size(); ++id) all[id] = id;
        model.decode(all, WordPieceModel::Specials::keep);
    } catch (const LoadFailure& failure) {
        if (failure.found.empty() || failure.expected.empty()) std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    use([&] { return vocab_txt_spec(read_vocab_txt(bytes), {}, {}); });
    use([&] { return read_tokenizer_json(bytes); });
    return 0;
}
