// A tokenizer of one's own: every byte of the text is a token, after four special ones.
#include <embedloom/sdk/tokenizer.h>

namespace {

namespace sdk = embedloom::sdk;

class Bytes final : public sdk::Tokenizer {
  public:
    static constexpr sdk::Declaration declaration{.name = "bytes", .version = "1.0.0", .summary = "Every byte is a token."};
    static constexpr std::array<sdk::Parameter, 0> parameters{};

    Bytes(const sdk::Values&, const sdk::Host&) {
        for (std::uint32_t byte = 0; byte < 256; ++byte) pieces_.emplace_back(1, static_cast<char>(byte));
    }

    el_vocabulary vocabulary() const override {
        return {.vocab_size = static_cast<std::uint32_t>(pieces_.size()), .unk = EL_NONE, .cls = 1, .sep = 2, .pad = 0,
                .mask = 3, .bos = EL_NONE, .eos = EL_NONE};
    }

    void encode(sdk::Encoding& call, sdk::Scratch*) const override {
        for (std::uint64_t i = 0; i < call.text_count(); ++i) {
            const std::string_view text = call.text(i);
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), call.wanted()));
            for (std::uint32_t at = 0; at < count; ++at) {
                call.ids.push(first_byte + static_cast<unsigned char>(text[at]));
                if (call.wants_offsets()) call.offsets.push({at, at + 1});
                if (call.wants_words()) call.words.push(at);
            }
            call.finish(count, count == text.size());
        }
    }

    std::string decode(std::span<const std::uint32_t> ids, bool skip_special) const override {
        std::string text;
        for (const std::uint32_t id : ids)
            if (id >= first_byte || !skip_special) text += pieces_[id];
        return text;
    }

    std::string_view piece(std::uint32_t id) const override { return pieces_[id]; }

    std::optional<std::uint32_t> find(std::string_view piece) const override {
        for (std::uint32_t id = 0; id < pieces_.size(); ++id)
            if (pieces_[id] == piece) return id;
        return std::nullopt;
    }

  private:
    static constexpr std::uint32_t first_byte = 4;
    std::vector<std::string> pieces_{"[PAD]", "[CLS]", "[SEP]", "[MASK]"};
};

}  // namespace

EMBEDLOOM_PLUGIN(Bytes)
