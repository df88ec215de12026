// The tokenizer's and the segment strategies' stages, called for texts that somebody has at hand.
#include <embedloom/config/config.h>
#include <embedloom/run/description.h>
#include <embedloom/run/encoder.h>
#include <embedloom/run/fork_gate.h>
#include <embedloom/run/plugin_folders.h>
#include <embedloom/run/row_mover.h>
#include <embedloom/run/stages.h>

#include <map>
#include <mutex>

namespace embedloom::run {

namespace {

/// Rows are never longer than what the segment strategies can say.
constexpr std::uint32_t longest_row = 1u << 20;

std::optional<std::uint32_t> id_of(std::uint32_t id) { return id == EL_NONE ? std::nullopt : std::optional(id); }

/// Throws what a call said of the first item whose code is not 0.
template <class Codes, class CodeOf>
void require_good(const host::Outcome& outcome, const Codes& items, CodeOf code_of) {
    for (const auto& item : items) {
        if (code_of(item) == EL_OK) continue;
        base::Error error{.found = "a text that cannot be encoded"};
        if (!outcome.problems.empty()) error = outcome.problems.front().error;
        error.code = static_cast<base::Code>(code_of(item));
        throw base::Failure(std::move(error));
    }
}

}  // namespace

struct Encoder::Parts {
    std::unique_ptr<host::Registry> registry;
    std::optional<config::Catalogue> catalogue;
    config::Spec spec;
    Stages stages;
    Templates templates;
    SpecialIds special;

    std::mutex mutex;  // guards what is below, and worker 0 of the stages
    std::map<std::string, std::unique_ptr<host::SegmentStage>> segments;
    host::Columns encoded[2], plan;
    RowMover mover;

    void make(const config::Document& document, const OpenOptions& options);
    void choose_templates(const Templates& asked);
    StageMaking making() const { return {.spec = &spec, .registry = registry.get(), .workers = 1, .without_sink = true}; }
    const host::SegmentStage& segment_of(const EncodeRule& rule, bool is_pair);
    void encode_field(std::uint32_t field, std::span<const std::string_view> texts, std::uint32_t wanted);
    std::string piece(std::uint32_t id) const;
};

void Encoder::Parts::make(const config::Document& document, const OpenOptions& options) {
    registry = std::make_unique<host::Registry>(plugin_folders(options.plugin_folders, document.plugin_folders, options.home));
    catalogue = catalogue_of(*registry);
    spec = config::check_parts(document, *catalogue, {"plugins", "tokenizer"});
    stages.services.log = options.log;
    std::vector<base::Error> errors;
    if (const auto instance = make_stage(making(), spec.tokenizer(), stages, errors)) stages.tokenizer.emplace(instance);
    if (!errors.empty()) throw base::Failure(std::move(errors));
    stages.services.tokenizer = &*stages.tokenizer;
    const el_vocabulary& all = stages.tokenizer->vocabulary();
    special = {id_of(all.unk), id_of(all.cls), id_of(all.sep), id_of(all.pad), id_of(all.mask), id_of(all.bos), id_of(all.eos)};
}

void Encoder::Parts::choose_templates(const Templates& asked) {
    templates = {"$A", "$A $B:1"};
    if (special.cls && special.sep) {
        const std::string cls = piece(*special.cls), sep = piece(*special.sep);
        templates = {cls + " $A " + sep, cls + " $A " + sep + " $B:1 " + sep + ":1"};
    }
    if (!asked.single.empty()) templates.single = asked.single;
    if (!asked.pair.empty()) templates.pair = asked.pair;
    segment_of({}, false);  // what is wrong with a template is told now
    segment_of({}, true);
}

/// The strategy of this rule, made at its first use. The mutex is held, or nobody else is here yet.
const host::SegmentStage& Encoder::Parts::segment_of(const EncodeRule& rule, bool is_pair) {
    const std::string bare = is_pair ? "$A $B:1" : "$A", full = is_pair ? templates.pair : templates.single;
    const std::string text = std::string("segment: {use: ") + (is_pair ? "pair" : "single") + ", template: " +
                             base::json_quote(rule.special_tokens ? full : bare) +
                             ", max_length: " + std::to_string(rule.max_length.value_or(longest_row)) +
                             ", truncate: " + base::json_quote(rule.max_length ? rule.truncate : "none") + "}";
    std::unique_ptr<host::SegmentStage>& stage = segments[text];
    if (stage) return *stage;
    const config::Spec rule_spec = config::check_parts(config::open_text(text, "the rule of encode", "/"), *catalogue, {"segment"});
    std::vector<base::Error> errors;
    if (const auto instance = make_stage(making(), rule_spec.segment(), stages, errors)) stage = std::make_unique<host::SegmentStage>(instance);
    if (!errors.empty()) throw base::Failure(std::move(errors));
    return *stage;
}

void Encoder::Parts::encode_field(std::uint32_t field, std::span<const std::string_view> texts, std::uint32_t wanted) {
    std::vector<el_text> views;
    for (const std::string_view text : texts) views.push_back({text.data(), text.size()});
    const host::Outcome outcome = stages.tokenizer->encode(0, {views, wanted, EL_WANT_OFFSETS | EL_WANT_WORDS}, encoded[field]);
    outcome.or_throw();
    require_good(outcome, encoded[field].get<el_encoded>(EL_ENCODE_RESULTS), [](const el_encoded& result) { return result.code; });
}

std::string Encoder::Parts::piece(std::uint32_t id) const {
    host::Columns columns;
    stages.tokenizer->pieces({&id, 1}, columns).or_throw();
    return std::string(columns.text(EL_PIECES_BYTES));
}

Encoder::Encoder(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Encoder::~Encoder() = default;

std::unique_ptr<Encoder> Encoder::open(const std::filesystem::path& config, const Templates& templates, OpenOptions options) {
    const config::Document document = config::open(config, {.sets = options.sets});
    return open(document, templates, std::move(options));
}

std::unique_ptr<Encoder> Encoder::open(const ConfigText& config, const Templates& templates, OpenOptions options) {
    const config::Document document = config::open_text(config.text, config.name, config.folder, {.sets = options.sets});
    return open(document, templates, std::move(options));
}

std::unique_ptr<Encoder> Encoder::open(const config::Document& document, const Templates& templates, OpenOptions options) {
    const ForkGate no_fork;  // what libraries there are would stay half known in the child
    auto parts = std::make_unique<Parts>();
    parts->make(document, options);
    parts->choose_templates(templates);
    return std::unique_ptr<Encoder>(new Encoder(std::move(parts)));
}

void Encoder::encode(std::span<const std::string_view> texts, std::span<const std::string_view> pairs, const EncodeRule& rule,
                     WindowRows& rows) const {
    Parts& parts = *parts_;
    const ForkGate no_fork;  // the lock and the scratch would stay as they are in the child
    const std::lock_guard lock(parts.mutex);
    const std::uint32_t fields = pairs.empty() ? 1 : 2;
    const host::SegmentStage& segment = parts.segment_of(rule, fields == 2);
    parts.encode_field(0, texts, segment.facts().wanted[0]);
    if (fields == 2) parts.encode_field(1, pairs, segment.facts().wanted[1]);
    std::vector<std::uint32_t> lengths;
    std::vector<std::uint32_t>& numbers = parts.mover.texts();
    numbers.clear();
    for (std::uint32_t i = 0; i < texts.size(); ++i) {
        numbers.push_back(i);
        for (std::uint32_t f = 0; f < fields; ++f) {
            const auto results = parts.encoded[f].get<el_encoded>(EL_ENCODE_RESULTS);
            lengths.push_back(static_cast<std::uint32_t>(results[i].end - (i ? results[i - 1].end : 0)));
        }
    }
    const std::vector<el_key> keys(texts.size());
    const host::Outcome outcome = segment.plan(0, {lengths, keys}, parts.plan);
    outcome.or_throw();
    require_good(outcome, parts.plan.get<el_status>(EL_PLAN_CODES), [](el_status code) { return code; });
    parts.mover.move({.plan = &parts.plan, .encoded = parts.encoded, .texts = numbers, .fields = fields,
                      .wants = {.offsets = true, .words = true}, .vocabulary = &parts.stages.tokenizer->vocabulary()}, rows);
}

std::string Encoder::decode(std::span<const std::uint32_t> ids, Special special) const {
    parts_->stages.tokenizer->require_ids(ids);
    host::Columns columns;
    const auto how = special == Special::skip ? host::TokenizerStage::Special::skip : host::TokenizerStage::Special::keep;
    parts_->stages.tokenizer->decode(ids, how, columns).or_throw();
    return std::string(columns.text(EL_DECODE_BYTES));
}

std::vector<std::string> Encoder::pieces(std::span<const std::uint32_t> ids) const {
    return parts_->stages.tokenizer->pieces(ids);
}

std::optional<std::uint32_t> Encoder::find(std::string_view token) const { return id_of(parts_->stages.tokenizer->find(token)); }

std::uint32_t Encoder::vocab_size() const { return parts_->stages.tokenizer->vocabulary().vocab_size; }

const SpecialIds& Encoder::special_ids() const { return parts_->special; }

}  // namespace embedloom::run
