// Reading a BERT-type tokenizer.json, field by field; what is not understood is refused by its name.
// link: simdjson
#include "tokenizer_json.h"

#include <unordered_map>

#include "json_fields.h"
#include "vocab_file.h"

namespace embedloom::plugins {

namespace {

using Ids = std::unordered_map<std::string_view, std::uint32_t>;

[[noreturn]] void not_supported(const JsonValue& component, const char* known) {
    component.at("type").refuse(known, "this tokenizer reads BERT-type WordPiece files only");
}

void read_normalizer(const JsonValue& part, std::vector<NormalizerStep>& steps, int depth = 0) {
    const std::string_view type = part.type();
    if (type == "BertNormalizer") {
        part.only({"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"});
        BertSwitches switches{part.at("clean_text").boolean(),
                              part.at("handle_chinese_chars").boolean(),
                              {},
                              part.at("lowercase").boolean()};
        if (const auto strip = part.find("strip_accents")) switches.strip_accents = strip->boolean();
        for (const NormalizerStep step : bert_steps(switches)) steps.push_back(step);
        return;
    }
    if (type == "Sequence" && depth < 8) {
        part.only({"type", "normalizers"});
        const JsonValue list = part.at("normalizers");
        std::size_t i = 0;
        for (const auto element : list.array())
            read_normalizer({element, list.path() + "[" + std::to_string(i++) + "]"}, steps, depth + 1);
        return;
    }
    if (type == "NFD")
        steps.push_back(NormalizerStep::decompose);
    else if (type == "StripAccents")
        steps.push_back(NormalizerStep::drop_combining);
    else if (type == "Lowercase")
        steps.push_back(NormalizerStep::lowercase);
    else
        not_supported(part, "BertNormalizer, NFD, StripAccents, Lowercase or a Sequence of these");
    part.only({"type"});
}

void read_vocabulary(const JsonValue& vocab, WordPieceSpec& spec) {
    const simdjson::dom::object entries = vocab.object();
    std::size_t count = 0;
    for ([[maybe_unused]] const auto entry : entries) ++count;
    if (count == 0) vocab.refuse("at least one token");
    if (count > most_tokens) vocab.refuse("at most " + std::to_string(most_tokens) + " tokens");
    spec.tokens.resize(count);
    std::vector<bool> taken(count);
    for (const auto entry : entries) {
        const std::string path = vocab.path() + "[" + shown(entry.key) + "]";
        const std::uint64_t id = JsonValue(entry.value, path).number(0xFFFFFFFF);
        if (entry.key.empty())
            throw LoadFailure(vocab.path() + " with an empty token", "tokens of one byte up");
        if (entry.key.size() > longest_token)
            throw LoadFailure(path + " of " + std::to_string(entry.key.size()) + " bytes",
                              "at most " + std::to_string(longest_token));
        if (id >= count)
            throw LoadFailure(path + " with id " + std::to_string(id),
                              "ids without a gap: below " + std::to_string(count));
        if (taken[id])
            throw LoadFailure(
                "id " + std::to_string(id) + " for " + shown(entry.key) + " and " + shown(spec.tokens[id]),
                "one token an id");
        taken[id] = true;
        spec.tokens[id] = entry.key;
    }
}

void read_model(const JsonValue& model, WordPieceSpec& spec) {
    if (model.type() != "WordPiece") not_supported(model, "WordPiece");
    model.only({"type", "vocab", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word"});
    read_vocabulary(model.at("vocab"), spec);
    spec.roles.unk = model.at("unk_token").text();
    spec.continuing_prefix = model.at("continuing_subword_prefix").text();
    spec.max_chars_per_word =
        static_cast<std::uint32_t>(model.at("max_input_chars_per_word").number(0xFFFFFFFF));
}

/// Ids as Hugging Face gives them: that of the vocabulary, else the next after it. The file's own must be the
/// same.
void read_added(const JsonValue& list, const Ids& ids, WordPieceSpec& spec) {
    Ids seen;
    auto next = static_cast<std::uint32_t>(spec.tokens.size());
    std::size_t i = 0;
    for (const auto element : list.array()) {
        const JsonValue token(element, list.path() + "[" + std::to_string(i++) + "]");
        token.only({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
        AddedToken added{std::string(token.at("content").text()),
                         static_cast<std::uint32_t>(token.at("id").number(0xFFFFFFFF)),
                         token.at("special").boolean(),
                         token.at("single_word").boolean(),
                         token.at("lstrip").boolean(),
                         token.at("rstrip").boolean(),
                         token.at("normalized").boolean()};
        const JsonValue content = token.at("content");
        if (added.content.empty() || added.content.size() > longest_token)
            content.refuse("1 to " + std::to_string(longest_token) + " bytes");
        const auto known = ids.find(content.text());
        const std::uint32_t right = known == ids.end() ? next++ : known->second;
        if (!seen.try_emplace(content.text(), right).second) content.refuse("every added token once");
        if (added.id != right)
            token.at("id").refuse("id " + std::to_string(right) + " for " + shown(added.content));
        spec.added.push_back(std::move(added));
    }
}

void read_decoder(const JsonValue& decoder, WordPieceSpec& spec) {
    if (decoder.type() != "WordPiece") not_supported(decoder, "WordPiece");
    decoder.only({"type", "prefix", "cleanup"});
    spec.decoder = {std::string(decoder.at("prefix").text()), decoder.at("cleanup").boolean()};
}

/// The id of a token, of the vocabulary or added.
std::optional<std::uint32_t> id_of(std::string_view token, const Ids& ids, const WordPieceSpec& spec) {
    for (const AddedToken& added : spec.added)
        if (added.content == token) return added.id;
    const auto known = ids.find(token);
    return known == ids.end() ? std::nullopt : std::optional(known->second);
}

void check_id(const JsonValue& name, const JsonValue& id, const Ids& ids, const WordPieceSpec& spec) {
    const auto right = id_of(name.text(), ids, spec);
    if (!right) name.refuse("a token of the vocabulary");
    if (id.number(0xFFFFFFFF) != *right)
        id.refuse("id " + std::to_string(*right) + " for " + shown(name.text()));
}

/// [CLS] and [SEP] of BertProcessing: ["[SEP]", 102].
void read_bert_processing(const JsonValue& processor, const Ids& ids, WordPieceSpec& spec) {
    processor.only({"type", "sep", "cls"});
    const auto read = [&](const char* field, std::string& role) {
        const JsonValue pair = processor.at(field);
        if (pair.array().size() != 2) pair.refuse("a token and its id");
        const JsonValue name(pair.array().at(0).value_unsafe(), pair.path() + "[0]");
        check_id(name, {pair.array().at(1).value_unsafe(), pair.path() + "[1]"}, ids, spec);
        role = name.text();
    };
    read("cls", spec.roles.cls);
    read("sep", spec.roles.sep);
}

/// The first and the last special token of the template for one text are the roles cls and sep.
void read_template(const JsonValue& processor, const Ids& ids, WordPieceSpec& spec) {
    processor.only({"type", "single", "pair", "special_tokens"});
    const JsonValue specials = processor.at("special_tokens");
    for (const auto entry : specials.object()) {
        const JsonValue special(entry.value, specials.path() + "[" + shown(entry.key) + "]");
        const JsonValue names = special.at("tokens"), numbers = special.at("ids");
        const simdjson::dom::array name_list = names.array(), number_list = numbers.array();
        if (name_list.size() != number_list.size()) numbers.refuse("as many ids as tokens");
        for (std::size_t i = 0; i < name_list.size(); ++i)
            check_id({name_list.at(i).value_unsafe(), names.path()},
                     {number_list.at(i).value_unsafe(), numbers.path()}, ids, spec);
    }
    const JsonValue single = processor.at("single");
    bool text_seen = false;
    for (const auto element : single.array()) {
        const JsonValue piece(element, single.path());
        if (piece.find("Sequence")) text_seen = true;
        const auto token = piece.find("SpecialToken");
        if (token) (text_seen ? spec.roles.sep : spec.roles.cls) = token->at("id").text();
    }
}

void read_post_processor(const JsonValue& processor, const Ids& ids, WordPieceSpec& spec) {
    if (processor.type() == "BertProcessing") return read_bert_processing(processor, ids, spec);
    if (processor.type() == "TemplateProcessing") return read_template(processor, ids, spec);
    not_supported(processor, "BertProcessing or TemplateProcessing");
}

/// Rows are cut by the segment stage and padded by the batch, so these two say nothing here; but what cannot be meant is told.
void check_cut_and_padding(const JsonValue& root) {
    constexpr std::uint64_t most = 0xFFFFFFFF;
    if (const auto cut = root.find("truncation")) {
        const auto stride = cut->find("stride");
        const std::uint64_t longest = cut->at("max_length").number(most);
        if (stride && stride->number(most) >= longest)
            stride->refuse("less than truncation.max_length, " + std::to_string(longest));
    }
    const auto padding = root.find("padding");
    const auto strategy = padding ? padding->find("strategy") : std::nullopt;
    if (!strategy || !strategy->is_object()) return;
    if (const auto fixed = strategy->find("Fixed"); fixed && fixed->number(most) == 0) fixed->refuse("1 or more");
}

}  // namespace

WordPieceSpec read_tokenizer_json(std::string_view bytes) {
    refuse_foreign(bytes, "a tokenizer.json");
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    const simdjson::padded_string padded(bytes);
    if (const auto error = parser.parse(padded).get(document))
        throw LoadFailure(std::string("no JSON: ") + simdjson::error_message(error), "a whole tokenizer.json",
                          "it may be cut short");
    const JsonValue root(document, "");
    root.only({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
               "post_processor", "decoder", "model"});
    if (root.at("version").text() != "1.0") root.at("version").refuse("\"1.0\"");
    WordPieceSpec spec;
    read_model(root.at("model"), spec);
    Ids ids;
    ids.reserve(spec.tokens.size());
    for (std::size_t i = 0; i < spec.tokens.size(); ++i)
        if (const auto [known, fresh] = ids.try_emplace(spec.tokens[i], static_cast<std::uint32_t>(i));
            !fresh)
            throw LoadFailure("model.vocab with " + shown(spec.tokens[i]) + " twice", "every token once");
    if (const auto added = root.find("added_tokens")) read_added(*added, ids, spec);
    if (const auto normalizer = root.find("normalizer")) read_normalizer(*normalizer, spec.normalizer);
    const JsonValue splitter = root.at("pre_tokenizer");
    if (splitter.type() != "BertPreTokenizer") not_supported(splitter, "BertPreTokenizer");
    splitter.only({"type"});
    spec.decoder = {std::nullopt, false};
    if (const auto decoder = root.find("decoder")) read_decoder(*decoder, spec);
    if (const auto processor = root.find("post_processor")) read_post_processor(*processor, ids, spec);
    check_cut_and_padding(root);
    if (const auto padding = root.find("padding"))
        if (const auto pad = padding->find("pad_token")) spec.roles.pad = pad->text();
    return spec;
}

}  // namespace embedloom::plugins
