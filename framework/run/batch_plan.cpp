// Tensors and padding of a config.
#include <embedloom/host/kind.h>
#include <embedloom/run/batch_plan.h>
#include <embedloom/run/fit.h>

#include <algorithm>

namespace embedloom::run {

namespace {

/// A tensor that the stages of this config can make, and whether it is emitted when batch.emit is left out.
struct Offer {
    TensorPlan plan;
    bool by_default;
};

TensorPlan plan_of(const char* name, Content content, el_dtype dtype = EL_I64) {
    return {.name = name, .content = content, .dtype = dtype};
}

TensorPlan vectors(const char* name, Content content, std::uint32_t width, el_dtype dtype) {
    TensorPlan plan = plan_of(name, content, dtype);
    plan.width = width;
    return plan;
}

el_dtype dtype_of(const std::string& word) { return word == "float16" ? EL_F16 : word == "bfloat16" ? EL_BF16 : EL_F32; }

std::vector<Offer> core_offers(const Stages& stages) {
    TensorPlan offsets = plan_of("offset_mapping", Content::offset_mapping);
    offsets.width = 2;
    std::vector<Offer> offers{
            {plan_of("input_ids", Content::input_ids), true},
            {plan_of("token_type_ids", Content::token_type_ids), true},
            {plan_of("attention_mask", Content::attention_mask), true},
            {plan_of("special_tokens_mask", Content::special_tokens_mask), false},
            {plan_of("position_ids", Content::position_ids), false},
            {plan_of("sequence_ids", Content::sequence_ids, EL_I32), false}};
    if (!stages.has_given_tokens()) offers.push_back({offsets, false});
    return offers;
}

void offer_objective(const Stages& stages, std::vector<Offer>& offers) {
    std::uint32_t number = 0;
    for (const el_column& column : stages.objective_columns) {
        TensorPlan plan{.name = std::string(host::view_of(column.name)), .content = Content::objective_column,
                        .dtype = column.dtype, .column = number++, .axis = column.axis, .pad = column.pad};
        plan.per_token = column.axis == EL_AXIS_TOKEN;
        offers.push_back({plan, true});
    }
}

void offer_label(const config::Spec& spec, const Stages& stages, std::vector<Offer>& offers, std::vector<base::Error>& errors) {
    const bool taken = std::any_of(offers.begin(), offers.end(), [](const Offer& offer) { return offer.plan.name == "labels"; });
    if (taken) {
        errors.push_back(config::error_at(spec.source(), {.found = "labels from the records and from the objective",
                                                          .expected = "one of them", .hint = "leave out source.label or objective"}));
        return;
    }
    const bool integer = stages.source->fields()[*stages.label_field].type == EL_FIELD_INTEGER;
    TensorPlan plan = plan_of("labels", integer ? Content::integer_label : Content::number_label, integer ? EL_I64 : EL_F32);
    plan.per_token = false;
    offers.push_back({plan, true});
}

std::vector<Offer> offers_of(const config::Spec& spec, const Stages& stages, std::vector<base::Error>& errors) {
    std::vector<Offer> offers = core_offers(stages);
    offer_objective(stages, offers);
    if (stages.label_field) offer_label(spec, stages, offers, errors);
    if (stages.embedding.token) {
        const std::uint32_t width = stages.embedding.token->view().width;
        const el_dtype dtype = dtype_of(spec.embedding()->text("dtype"));
        offers.push_back({vectors("embeddings", Content::embeddings, width, dtype), true});
        offers.push_back({vectors("word_embeddings", Content::word_embeddings, width, dtype), false});
    }
    return offers;
}

/// Whether what makes a tensor of this name may be a stage that is broken: its own mistake is told, and is enough.
bool may_be_made(const std::string& name, const config::Spec& spec, const Stages& stages) {
    const bool has_no_columns = !stages.objective && stages.objective_columns.empty() && !spec.root.at("objective").is_default;
    const bool has_no_table = !stages.embedding.token && !spec.root.at("embedding").is_default;
    return has_no_columns || (name == "labels" && !stages.source) || (has_no_table && name.ends_with("embeddings"));
}

std::vector<TensorPlan> emitted(const config::Spec& spec, const Stages& stages, std::vector<base::Error>& errors) {
    const std::vector<Offer> offers = offers_of(spec, stages, errors);
    std::vector<TensorPlan> out;
    const config::Value& emit = spec.batch().at("emit");
    if (!emit.is_set()) {
        for (const Offer& offer : offers)
            if (offer.by_default) out.push_back(offer.plan);
        return out;
    }
    std::vector<std::string> names;
    for (const Offer& offer : offers) names.push_back(offer.plan.name);
    const auto& list = spec.batch().list("emit");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto found = std::find(names.begin(), names.end(), list[i]);
        const bool twice = std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), list[i]) !=
                           list.begin() + static_cast<std::ptrdiff_t>(i);
        config::Value item = emit;
        if (i < emit.item_marks.size()) item.mark = emit.item_marks[i];
        if (twice) {
            errors.push_back(config::error_at(item, {.found = "'" + list[i] + "' twice", .expected = "each name once"}));
        } else if (found != names.end()) {
            out.push_back(offers[static_cast<std::size_t>(found - names.begin())].plan);
        } else if (!may_be_made(list[i], spec, stages)) {
            const std::string near = config::nearest(list[i], names);
            errors.push_back(config::error_at(
                item, {.found = "'" + list[i] + "', which no stage of this config makes",
                       .expected = "one of " + config::joined(names),
                       .hint = near.empty() ? list[i] == "embeddings" ? "add `embedding:`" : "" : "did you mean '" + near + "'?"}));
        }
    }
    return out;
}

/// Tokens of the longest row; 0 where the segment strategy is broken.
std::uint32_t longest_row(const Stages& stages) { return stages.segment ? stages.segment->facts().max_length : 0; }

Padding padding_of(const config::Spec& spec, const Stages& stages, std::vector<base::Error>& errors) {
    const config::Section& batch = spec.batch();
    const std::uint32_t most = longest_row(stages);
    Padding padding{.multiple = static_cast<std::uint32_t>(batch.integer("pad_multiple")),
                    .side = batch.text("pad_side") == "left" ? PadSide::left : PadSide::right};
    if (const auto number = batch.integer_or_word("pad")) {
        padding.to = PadTo::fixed;
        padding.length = static_cast<std::uint32_t>(*number);
        if (padding.length < most)
            errors.push_back(config::error_at(batch.at("pad"), {.found = std::to_string(*number),
                                                                .expected = "at least segment.max_length, " + std::to_string(most)}));
    } else if (batch.text("pad") == "max") {
        padding.to = PadTo::fixed;
        padding.length = most;
    }
    if (!stages.tokenizer) return padding;
    padding.token = stages.tokenizer->vocabulary().pad;
    if (padding.token == EL_NONE)
        errors.push_back(config::error_at(batch.at("pad"), {.found = "a tokenizer without a pad token",
                                                            .expected = "one whose vocabulary has [PAD] or <pad>"}));
    return padding;
}

/// Texts that a source gives because the config asks for them, and that the segment strategy has no place for.
void note_unread(const config::Spec& spec, const Stages& stages, std::vector<base::Error>& notes) {
    if (!stages.source || !stages.segment) return;
    const auto& read = stages.segment->facts().fields;
    for (const host::Field& field : stages.source->fields()) {
        if (field.type != EL_FIELD_TEXT || std::ranges::find(read, field.name) != read.end()) continue;
        notes.push_back(config::error_at(spec.source(), {.severity = base::Severity::note,
                                                         .found = "the text field '" + field.name + "', which segment/" + spec.segment().use + " does not read",
                                                         .hint = "is another segment meant?"}));
    }
}

}  // namespace

bool BatchPlan::emits(Content content) const {
    return std::any_of(tensors.begin(), tensors.end(), [&](const TensorPlan& plan) { return plan.content == content; });
}

std::uint64_t BatchPlan::batch_bytes(std::uint64_t rows) const {
    std::uint64_t bytes = 0;
    for (const TensorPlan& plan : tensors)
        bytes += rows * dtype_bytes(plan.dtype) * (plan.per_token ? std::uint64_t{longest} * plan.width : 1);
    return bytes;
}

BatchPlan plan_batches(const config::Spec& spec, Stages& stages, std::vector<base::Error>& errors,
                       std::vector<base::Error>& notes) {
    BatchPlan plan;
    note_unread(spec, stages, notes);
    plan.tensors = emitted(spec, stages, errors);
    plan.padding = padding_of(spec, stages, errors);
    plan.longest = padded_length(plan.padding, longest_row(stages));
    plan.wants = {.offsets = plan.emits(Content::offset_mapping), .words = stages.objective && stages.objective->needs_words()};
    if (plan.wants.words && stages.has_given_tokens())
        errors.push_back(config::error_at(*spec.objective(), {.found = "an objective that needs whole words", .expected = "records with texts",
                                                              .hint = "token ids that are there already do not say which words they are of"}));
    if (spec.position() && spec.position()->has("ids"))
        errors.push_back(config::error_at(spec.position()->at("ids"), {.found = "a policy of position ids",
                                                                       .expected = "none: positions are 0, 1, 2, ... in each row"}));
    if (spec.embedding()) check_embedding(spec, stages, plan.longest, {errors, notes});
    if (stages.embedding.token) plan.width = stages.embedding.token->view().width;
    return plan;
}

}  // namespace embedloom::run
