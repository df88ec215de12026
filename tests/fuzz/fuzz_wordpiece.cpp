// Any text through the WordPiece encoder: it must give what the plain twin gives, whatever the switches.
// link: plugin_tokenizer_common
#include <cstdlib>
#include <map>
#include <memory>

#include "reference/wordpiece_twin.cpp"
#include "tokenizer/common/encoder.h"
#include "tokenizer/common/vocab_file.h"

namespace {

using namespace embedloom::plugins;

class VectorOutput final : public TokenOutput {
  public:
    TokenRoom next(std::size_t used, std::size_t wanted) override {
        size += used;
        ids.resize(size + wanted);
        spans.resize(size + wanted);
        words.resize(size + wanted);
        return {ids.data() + size, spans.data() + size, words.data() + size, wanted};
    }
    std::size_t size = 0;
    std::vector<std::uint32_t> ids, words;
    std::vector<TokenSpan> spans;
};

/// A model for each of 64 settings, made when it is asked for first.
struct Model {
    explicit Model(WordPieceSpec of) : spec(of), model(std::move(of)) {}
    WordPieceSpec spec;
    WordPieceModel model;
    EncodeScratch scratch;
};

Model& model_of(unsigned bits) {
    static std::map<unsigned, std::unique_ptr<Model>> models;
    std::unique_ptr<Model>& model = models[bits];
    if (model) return *model;
    BertSwitches switches{(bits & 1) == 0, (bits & 2) == 0, {}, (bits & 4) == 0};
    if (bits & 8) switches.strip_accents = (bits & 4) != 0;
    WordPieceSpec spec = vocab_txt_spec(
        {"[UNK]", "[MASK]", "a", "b", "##a", "ab", "e", "\u00E9", "##\u0301", "\u4E00", "!", "##b"}, switches,
        {});
    auto next = static_cast<std::uint32_t>(spec.tokens.size());
    if (bits & 16) spec.added.push_back({.content = "<l>", .id = next++, .lstrip = true, .rstrip = true});
    if (bits & 16) spec.added.push_back({.content = "<w>", .id = next++, .single_word = true});
    if (bits & 32) spec.added.push_back({.content = "<N>", .id = next++, .lstrip = true, .normalized = true});
    if (bits & 32) spec.max_chars_per_word = 4;
    model = std::make_unique<Model>(std::move(spec));
    return *model;
}

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 2048) return 0;
    Model& model = model_of(data[0] & 63);
    const std::uint32_t wanted = data[1] < 128 ? WordPieceModel::none : data[1] - 128u;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    VectorOutput output;
    const Encoded encoded = Encoder(model.model, model.scratch, output).encode(text, wanted);
    const bool valid = first_bad_byte(text) == text.size();
    require(valid == (encoded.problem == Encoded::Problem::none));
    if (!valid) return 0;
    const auto expected = embedloom::reference::wordpiece_twin(model.spec, text);
    require(encoded.tokens == output.size && output.size == std::min<std::size_t>(wanted, expected.size()));
    require(encoded.finished == (expected.size() <= wanted));
    for (std::size_t i = 0; i < output.size; ++i)
        require(expected[i] == embedloom::reference::TwinToken{output.ids[i], output.spans[i].begin,
                                                               output.spans[i].end, output.words[i]});
    model.model.decode({output.ids.data(), output.size}, WordPieceModel::Specials::skip);
    return 0;
}
