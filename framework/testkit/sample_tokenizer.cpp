// The vocabulary that segment strategies and objectives are tested with.
#include <embedloom/sdk/tokenizer.h>
#include <embedloom/testkit/workshop.h>

namespace embedloom::testkit {

namespace {

constexpr std::array<std::string_view, 7> specials{"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "<s>", "</s>"};
constexpr std::uint32_t size = 64;

class SampleTokenizer final : public sdk::Tokenizer {
  public:
    static constexpr sdk::Declaration declaration{.name = "sample", .version = "1.0.0", .summary = "A token a byte."};
    static constexpr std::array<sdk::Parameter, 0> parameters{};

    SampleTokenizer(const sdk::Values&, const sdk::Host&) {
        for (std::uint32_t id = 0; id < size; ++id)
            pieces_.push_back(id < specials.size() ? std::string(specials[id]) : "t" + std::to_string(id));
    }
    el_vocabulary vocabulary() const override {
        return {.vocab_size = size, .unk = 0, .cls = 1, .sep = 2, .pad = 3, .mask = 4, .bos = 5, .eos = 6};
    }
    void encode(sdk::Encoding& call, sdk::Scratch*) const override {
        for (std::uint64_t i = 0; i < call.text_count(); ++i) {
            for (const char byte : call.text(i)) call.ids.push(7 + static_cast<unsigned char>(byte) % (size - 7));
            call.finish(call.text(i).size(), 1);
        }
    }
    std::string decode(std::span<const std::uint32_t>, bool) const override { return {}; }
    std::string_view piece(std::uint32_t id) const override { return pieces_[id]; }
    std::optional<std::uint32_t> find(std::string_view piece) const override {
        for (std::uint32_t id = 0; id < size; ++id)
            if (pieces_[id] == piece) return id;
        return std::nullopt;
    }

  private:
    std::vector<std::string> pieces_;
};

}  // namespace

const el_stage& sample_tokenizer() { return sdk::abi_stage<SampleTokenizer>; }

}  // namespace embedloom::testkit
