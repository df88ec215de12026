// Encodes length-prefixed texts from standard input and writes tokens in binary, so that Python can compare
// millions of them.
//
//   encode_tool tokenizer.json|vocab.txt [lowercase=0|1] [clean_text=..] [handle_chinese_chars=..]
//   [strip_accents=..]
//               [special_tokens=text] [wanted=N] [max_chars=N] [ids=1]
//
// In: for each text u32 size, bytes. Out: for each text u32 tokens (0xFFFFFFFF: cannot be encoded), u32
// finished, u64 bytes read, then ids, spans (two each), words, all u32; with ids=1 ids alone. `decode`: in
// u32 count, ids; out u32 size, bytes.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "tokenizer/common/encoder.h"
#include "tokenizer/common/failure.h"
#include "tokenizer/common/tokenizer_json.h"
#include "tokenizer/common/vocab_file.h"

using namespace embedloom::plugins;

namespace {

class VectorOutput final : public TokenOutput {
  public:
    explicit VectorOutput(bool detail) : detail_(detail) {}
    TokenRoom next(std::size_t used, std::size_t wanted) override {
        size += used;
        ids.resize(size + wanted);
        if (!detail_) return {ids.data() + size, nullptr, nullptr, wanted};
        spans.resize(size + wanted);
        words.resize(size + wanted);
        return {ids.data() + size, spans.data() + size, words.data() + size, wanted};
    }
    std::size_t size = 0;
    std::vector<std::uint32_t> ids, words;
    std::vector<TokenSpan> spans;

  private:
    bool detail_;
};

using Options = std::map<std::string, std::string>;

WordPieceSpec load(const std::string& path, const Options& options) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto flag = [&](const char* name, bool otherwise) {
        return options.count(name) ? options.at(name) == "1" : otherwise;
    };
    WordPieceSpec spec;
    if (path.ends_with(".json")) {
        spec = read_tokenizer_json(bytes);
    } else {
        BertSwitches switches{
            flag("clean_text", true), flag("handle_chinese_chars", true), {}, flag("lowercase", true)};
        if (options.count("strip_accents")) switches.strip_accents = flag("strip_accents", true);
        spec = vocab_txt_spec(read_vocab_txt(bytes), switches, {});
    }
    if (options.count("special_tokens")) spec.special_text = SpecialText::text;
    if (options.count("max_chars"))
        spec.max_chars_per_word = static_cast<std::uint32_t>(std::stoul(options.at("max_chars")));
    return spec;
}

template <class T>
void put(const T* values, std::size_t count) {
    if (count && std::fwrite(values, sizeof(T), count, stdout) != count) std::exit(74);
}

bool get(std::string& out, std::size_t unit) {
    std::uint32_t size = 0;
    if (std::fread(&size, 4, 1, stdin) != 1) return false;
    out.resize(size * unit);
    return out.empty() || std::fread(out.data(), 1, out.size(), stdin) == out.size();
}

void encode_all(const WordPieceModel& model, const Options& options) {
    const bool detail = !options.count("ids");
    const auto wanted = options.count("wanted") ? static_cast<std::uint32_t>(std::stoul(options.at("wanted")))
                                                : WordPieceModel::none;
    EncodeScratch scratch;
    for (std::string text; get(text, 1);) {
        VectorOutput output(detail);
        const Encoded encoded = Encoder(model, scratch, output).encode(text, wanted);
        const std::uint32_t count = encoded.problem == Encoded::Problem::none
                                        ? static_cast<std::uint32_t>(encoded.tokens)
                                        : WordPieceModel::none;
        const std::uint32_t finished = encoded.finished;
        put(&count, 1);
        put(&finished, 1);
        put(&encoded.bytes_read, 1);
        put(output.ids.data(), output.size);
        if (detail) put(output.spans.data(), output.size), put(output.words.data(), output.size);
    }
}

void decode_all(const WordPieceModel& model, const Options& options) {
    const auto specials =
        options.at("decode") == "skip" ? WordPieceModel::Specials::skip : WordPieceModel::Specials::keep;
    for (std::string bytes; get(bytes, 4);) {
        std::vector<std::uint32_t> ids(bytes.size() / 4);
        std::memcpy(ids.data(), bytes.data(), bytes.size());
        const std::string text = model.decode(ids, specials);
        const auto size = static_cast<std::uint32_t>(text.size());
        put(&size, 1);
        put(text.data(), text.size());
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    for (int i = 2; i < argc; ++i) {
        const std::string word = argv[i];
        options[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    }
    try {
        const WordPieceModel model(load(argc > 1 ? argv[1] : "", options));
        options.count("decode") ? decode_all(model, options) : encode_all(model, options);
    } catch (const LoadFailure& failure) {
        std::cerr << failure.what() << "; " << failure.hint << "\n";
        return 65;
    }
    return 0;
}
