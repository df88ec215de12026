// Tokenizer "wordpiece": BERT's, from a vocab.txt or a tokenizer.json, equal to Hugging Face tokenizers
// 0.22.2.
#include <embedloom/sdk/tokenizer.h>

#include <algorithm>

#include "common/encoder.h"
#include "common/failure.h"
#include "common/tokenizer_json.h"
#include "common/vocab_file.h"

namespace {

namespace sdk = embedloom::sdk;
using namespace embedloom::plugins;

struct WordPieceScratch final : sdk::Scratch {
    EncodeScratch buffers;
};

/// Room for tokens in the host's columns.
class HostOutput final : public TokenOutput {
  public:
    explicit HostOutput(sdk::Encoding& call) : call_(call) {}
    TokenRoom next(std::size_t used, std::size_t wanted) override {
        TokenRoom room{.size = wanted};
        room.ids = step(call_.ids, used, wanted);
        if (call_.wants_offsets())
            room.spans = reinterpret_cast<TokenSpan*>(step(call_.offsets, used, wanted));
        if (call_.wants_words()) room.words = step(call_.words, used, wanted);
        return room;
    }

  private:
    static_assert(sizeof(TokenSpan) == sizeof(sdk::Encoding::Offset));
    template <class T>
    static T* step(sdk::Column<T>& column, std::size_t used, std::size_t wanted) {
        if (used) column.commit(used);
        return wanted ? column.reserve(wanted) : nullptr;
    }
    sdk::Encoding& call_;
};

class WordPiece final : public sdk::Tokenizer {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "wordpiece",
        .version = "1.0.0",
        .summary = "BERT's WordPiece, from a vocab.txt or a tokenizer.json.",
        .doc =
            "Ids, offsets and words are those of Hugging Face tokenizers 0.22.2. A tokenizer.json says all "
            "there is to say: "
            "the parameters from `lowercase` on are for a vocab.txt alone. Truncation, padding and the "
            "template of the file "
            "are left to `segment` and `batch`."};
    static constexpr std::array special_words{sdk::word("token"), sdk::word("text")};
    static constexpr std::array strip_words{sdk::word("as_lowercase"), sdk::word("yes"), sdk::word("no")};
    static constexpr std::array parameters{
        sdk::path("vocab").required().doc(
            "A vocab.txt (a token a line), or a BERT-type tokenizer.json (its name ends in .json)."),
        sdk::choice("special_tokens")
            .of(special_words)
            .otherwise("token")
            .doc("What special tokens written in the data, such as [SEP], are: the token, as in Hugging "
                 "Face, or plain text."),
        sdk::boolean("lowercase").otherwise("true").doc("Uncased: letters become lower case."),
        sdk::boolean("clean_text")
            .otherwise("true")
            .doc("Control characters vanish, all white space is a blank."),
        sdk::boolean("handle_chinese_chars").otherwise("true").doc("Each CJK ideograph is a word alone."),
        sdk::choice("strip_accents")
            .of(strip_words)
            .otherwise("as_lowercase")
            .doc("Whether accents are taken off letters."),
        sdk::integer("max_input_chars_per_word")
            .between(0, 1 << 30)
            .otherwise("100")
            .in("characters")
            .doc("Longer words become the unknown token."),
        sdk::text("continuing_subword_prefix")
            .otherwise("##")
            .doc("How pieces begin that are not the first of a word."),
        sdk::text("unk_token").otherwise("[UNK]").doc("The token of words without pieces."),
        sdk::text("cls_token").otherwise("[CLS]").doc("The token that begins a row."),
        sdk::text("sep_token").otherwise("[SEP]").doc("The token that ends a segment."),
        sdk::text("pad_token").otherwise("[PAD]").doc("The token that fills rows."),
        sdk::text("mask_token").otherwise("[MASK]").doc("The token that hides others.")};

    WordPiece(const sdk::Values& values, const sdk::Host& host) {
        const std::string path(values.text("vocab"));
        const std::span<const std::byte> file = host.map(path, "vocab");
        const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
        try {
            WordPieceSpec spec = path.ends_with(".json") ? from_json(values, bytes) : from_txt(values, bytes);
            if (values.text("special_tokens") == "text") spec.special_text = SpecialText::text;
            model_ = std::make_unique<WordPieceModel>(std::move(spec));
        } catch (const LoadFailure& failure) {
            throw sdk::Error{.code = EL_BAD_DATA,
                             .parameter = "vocab",
                             .source = path,
                             .byte = failure.byte,
                             .line = failure.line,
                             .found = failure.found,
                             .expected = failure.expected,
                             .hint = failure.hint};
        }
    }

    std::unique_ptr<sdk::Scratch> make_scratch() const override {
        return std::make_unique<WordPieceScratch>();
    }

    el_vocabulary vocabulary() const override {
        const WordPieceModel::Roles& roles = model_->roles();
        return {.size = 0,
                .vocab_size = model_->size(),
                .unk = roles.unk,
                .cls = roles.cls,
                .sep = roles.sep,
                .pad = roles.pad,
                .mask = roles.mask,
                .bos = EL_NONE,
                .eos = EL_NONE};
    }

    void encode(sdk::Encoding& call, sdk::Scratch* scratch) const override {
        HostOutput output(call);
        Encoder encoder(*model_, static_cast<WordPieceScratch*>(scratch)->buffers, output);
        for (std::uint64_t i = 0; i < call.text_count(); ++i) {
            const Encoded encoded = encoder.encode(call.text(i), call.wanted());
            if (encoded.problem == Encoded::Problem::none)
                call.finish(encoded.bytes_read, encoded.finished);
            else
                call.fail(problem_of(encoded, static_cast<std::uint32_t>(i)));
        }
    }

    std::string decode(std::span<const std::uint32_t> ids, bool skip_special) const override {
        return model_->decode(ids,
                              skip_special ? WordPieceModel::Specials::skip : WordPieceModel::Specials::keep);
    }
    std::string_view piece(std::uint32_t id) const override { return model_->token(id); }
    std::optional<std::uint32_t> find(std::string_view piece) const override { return model_->find(piece); }

  private:
    static_assert(EL_NONE == WordPieceModel::none && EL_NO_PLACE == no_place);

    static WordPieceSpec from_txt(const sdk::Values& values, std::string_view bytes) {
        BertSwitches switches{values.boolean("clean_text"),
                              values.boolean("handle_chinese_chars"),
                              {},
                              values.boolean("lowercase")};
        const std::string_view strip = values.text("strip_accents");
        if (strip != "as_lowercase") switches.strip_accents = strip == "yes";
        std::vector<std::string> tokens = read_vocab_txt(bytes);
        const auto name = [&](const char* parameter) { return std::string(values.text(parameter)); };
        const auto role = [&](const char* parameter) { return role_of(values, parameter, tokens); };
        const RoleNames roles{role("unk_token"), role("cls_token"), role("sep_token"), role("pad_token"), role("mask_token")};
        WordPieceSpec spec = vocab_txt_spec(std::move(tokens), switches, roles);
        spec.max_chars_per_word = static_cast<std::uint32_t>(values.integer("max_input_chars_per_word"));
        spec.continuing_prefix = name("continuing_subword_prefix");
        spec.decoder.prefix = spec.continuing_prefix;
        return spec;
    }

    /// A vocabulary may lack the token of a default, which not every use needs; one that the config names it must have.
    static std::string role_of(const sdk::Values& values, std::string_view parameter, const std::vector<std::string>& tokens) {
        const auto declared = std::ranges::find(parameters, parameter, [](const sdk::Parameter& row) { return sdk::from_abi(row.row().name); });
        const std::string_view name = values.text(parameter), otherwise = sdk::from_abi(declared->row().default_value);
        if (name.empty() || name == otherwise || std::ranges::find(tokens, name) != tokens.end()) return std::string(name);
        values.refuse(parameter, {.found = "'" + std::string(name) + "', which the vocabulary does not have",
                                  .expected = "a token of the vocabulary, written as there"});
        return std::string(otherwise);
    }

    /// The file decides; a parameter that says something else than its default would be ignored in silence.
    static WordPieceSpec from_json(const sdk::Values& values, std::string_view bytes) {
        for (const sdk::Parameter& parameter : std::span(parameters).subspan(2)) {
            const el_parameter& row = parameter.row();
            const std::string_view name = sdk::from_abi(row.name),
                                   otherwise = sdk::from_abi(row.default_value);
            const std::string given =
                row.type == EL_PARAMETER_BOOLEAN   ? (values.boolean(name) ? "true" : "false")
                : row.type == EL_PARAMETER_INTEGER ? std::to_string(values.integer(name))
                                                   : std::string(values.text(name));
            if (given != otherwise)
                values.refuse(name, {.found = given,
                                     .expected = "this parameter left out with a tokenizer.json",
                                     .hint = "the file says it"});
        }
        return read_tokenizer_json(bytes);
    }

    static sdk::Error problem_of(const Encoded& encoded, std::uint32_t record) {
        if (encoded.problem == Encoded::Problem::not_utf8)
            return {.code = EL_BAD_DATA,
                    .byte = encoded.bad_byte,
                    .found = "bytes that are not UTF-8",
                    .expected = "UTF-8 text",
                    .record = record};
        return {.code = EL_BAD_DATA,
                .found = "a text of 4 GiB or more",
                .expected = "less than 4 GiB",
                .record = record};
    }

    std::unique_ptr<const WordPieceModel> model_;
};

}  // namespace

EMBEDLOOM_PLUGIN(WordPiece)
