// A toy tokenizer and an output in vectors, for the tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "reference/wordpiece_twin.h"
#include "support/catch.hpp"
#include "tokenizer/common/encoder.h"

namespace wordpiece_test {

using namespace embedloom::plugins;
using embedloom::reference::TwinToken;

/// Collects tokens; gives room of `step` tokens at a time, or what is asked for when that is more.
class VectorOutput final : public TokenOutput {
  public:
    explicit VectorOutput(bool detail = true, std::size_t step = 0) : detail_(detail), step_(step) {}
    TokenRoom next(std::size_t used, std::size_t wanted) override {
        size += used;
        const std::size_t room = wanted ? std::max(wanted, step_) : 0;
        ids.resize(size + room);
        spans.resize(size + room);
        words.resize(size + room);
        if (!detail_) return {ids.data() + size, nullptr, nullptr, room};
        return {ids.data() + size, spans.data() + size, words.data() + size, room};
    }
    std::vector<TwinToken> tokens() const {
        std::vector<TwinToken> out;
        for (std::size_t i = 0; i < size; ++i)
            out.push_back({ids[i], spans[i].begin, spans[i].end, words[i]});
        return out;
    }
    std::size_t size = 0;
    std::vector<std::uint32_t> ids, words;
    std::vector<TokenSpan> spans;

  private:
    bool detail_;
    std::size_t step_;
};

inline std::vector<TwinToken> encode_all(const WordPieceModel& model, EncodeScratch& scratch,
                                         std::string_view text) {
    VectorOutput output;
    Encoder(model, scratch, output).encode(text, WordPieceModel::none);
    return output.tokens();
}

using Tokens = std::vector<TwinToken>;

/// The tokens of a text, held against the twin's.
inline Tokens tokens_of(const WordPieceSpec& spec, std::string_view text) {
    const WordPieceModel model(spec);
    const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
    Tokens tokens = encode_all(model, *scratch_memory, text);
    CHECK(tokens == embedloom::reference::wordpiece_twin(spec, text));
    return tokens;
}

inline std::vector<std::uint32_t> ids_of(const WordPieceModel& model, std::string_view text) {
    const auto scratch_memory = std::make_unique<EncodeScratch>();  // the heap: it is aligned to 64 bytes
    EncodeScratch& scratch = *scratch_memory;
    VectorOutput output(false);
    Encoder(model, scratch, output).encode(text, WordPieceModel::none);
    return {output.ids.begin(), output.ids.begin() + static_cast<std::ptrdiff_t>(output.size)};
}

/// A vocab.txt's specification over these tokens, with [UNK] in front.
inline WordPieceSpec toy(std::vector<std::string> tokens, const BertSwitches& switches = {}) {
    tokens.insert(tokens.begin(), "[UNK]");
    return vocab_txt_spec(std::move(tokens), switches, {});
}

}  // namespace wordpiece_test
