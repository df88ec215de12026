// Making of stages in the order in which they need each other; all their mistakes are collected.
#include <embedloom/host/kind.h>
#include <embedloom/run/row_mover.h>
#include <embedloom/run/stages.h>

#include <algorithm>

namespace embedloom::run {

namespace {

/// The error with the place of what it is about: the parameter that it names, else the stage.
base::Error located(base::Error error, const config::Section& section) {
    const std::string prefix = section.path + ".";
    const config::Value* value = nullptr;
    if (error.key_path.starts_with(prefix))
        for (const config::Value& candidate : section.values)
            if (candidate.path == error.key_path) value = &candidate;
    const bool has_place = !error.source.empty();
    if (has_place) {
        // The file that is wrong is the place; the config's key says who named it.
        if (error.key_path.empty()) error.key_path = section.path;
        return error;
    }
    return value ? config::error_at(*value, std::move(error)) : config::error_at(section, std::move(error));
}

class Maker {
  public:
    Maker(const StageMaking& making, Stages& stages, std::vector<base::Error>& errors)
        : making_(making), stages_(stages), errors_(errors) {}

    /// Null, and errors, where it cannot be made.
    std::shared_ptr<host::Instance> make(const config::Section& section) {
        const auto kind = host::kind_of(section.kind);
        std::shared_ptr<host::Instance> made;
        guard(section, [&] {
            const el_stage* stage = making_.registry->find(*kind, section.use);
            std::optional<std::vector<host::Value>> values = values_of(*stage, section);
            if (values) made = host::Instance::make({stage, section.path, std::move(*values), making_.workers}, stages_.services);
        });
        return made;
    }

    /// The columns that a stage declares; none where its file is unfit, which make() tells.
    std::vector<el_column> columns_of(const config::Section& section) try {
        const el_stage* stage = making_.registry->find(*host::kind_of(section.kind), section.use);
        return {stage->columns, stage->columns + stage->column_count};
    } catch (const base::Failure&) {
        return {};
    }

    /// A typed handle into `handle`.
    template <class Handle>
    void make_into(std::optional<Handle>& handle, const config::Section* section) {
        if (!section || is_told(making_.told, section->path)) return;
        if (const auto instance = make(*section)) guard(*section, [&] { handle.emplace(instance); });
    }

  private:
    template <class Body>
    void guard(const config::Section& section, Body body) {
        try {
            body();
        } catch (const base::Failure& failure) {
            for (const base::Error& error : failure.errors()) errors_.push_back(located(error, section));
        }
    }

    /// Nothing where a stage among them could not be made.
    std::optional<std::vector<host::Value>> values_of(const el_stage& stage, const config::Section& section) {
        std::vector<host::Value> values;
        bool whole = true;
        for (std::uint32_t i = 0; i < stage.parameter_count; ++i) {
            const config::Value& value = section.at(host::view_of(stage.parameters[i].name));
            values.push_back(is_record_limit(section, value) ? record_limit() : value_of(value));
            if (value.type == config::Type::stage && value.is_set()) {
                const auto inner = make(value.sections.front());
                whole = whole && inner != nullptr;
                values.back() = inner;
            }
        }
        return whole ? std::optional(std::move(values)) : std::nullopt;
    }

    /// A source's own limit of a record, left at its default: then run.limits says it.
    static bool is_record_limit(const config::Section& section, const config::Value& value) {
        return section.kind == "source" && value.name == "max_record_bytes" && value.is_default;
    }
    host::Value record_limit() const { return making_.spec->run().section("limits")->integer("record_bytes"); }

    static host::Value value_of(const config::Value& value) {
        return std::visit([](const auto& data) { return host::Value(data); }, value.data);
    }

    const StageMaking& making_;
    Stages& stages_;
    std::vector<base::Error>& errors_;
};

/// The field of this name if it is of one of the types.
std::optional<std::uint32_t> field_of(const host::SourceStage& source, const std::string& name, std::initializer_list<std::uint32_t> types) {
    const auto field = source.field(name);
    if (!field || std::ranges::find(types, source.fields()[*field].type) == types.end()) return std::nullopt;
    return field;
}

/// Finds the fields of records that the segment strategy reads: tokens go before texts.
void match_fields(const config::Spec& spec, Stages& stages, std::vector<base::Error>& errors) {
    const host::SourceStage& source = *stages.source;
    for (const std::string& name : stages.segment->facts().fields) {
        auto field = field_of(source, name == "text" ? "input_ids" : name + "_input_ids", {EL_FIELD_TOKENS});
        if (!field) field = field_of(source, name, {EL_FIELD_TEXT});
        if (!field) {
            errors.push_back(config::error_at(
                spec.segment(), {.found = "records without a text field '" + name + "'",
                                 .expected = "a source that gives it",
                                 .hint = "source/" + spec.source().use + " gives it when its parameter '" + name + "' is set"}));
            continue;
        }
        stages.segment_fields.push_back(*field);
    }
    if (stages.segment->facts().fields.size() > max_text_fields)
        errors.push_back(config::error_at(spec.segment(), {.found = std::to_string(stages.segment->facts().fields.size()) + " text fields",
                                                           .expected = "at most " + std::to_string(max_text_fields)}));
}

}  // namespace

bool is_told(std::span<const base::Error> mistakes, std::string_view path) {
    return std::ranges::any_of(mistakes, [&](const base::Error& mistake) {
        const std::string_view key = mistake.key_path;
        return key.starts_with(path) && (key.size() == path.size() || key[path.size()] == '.');
    });
}

bool Stages::has_given_tokens() const {
    return std::ranges::any_of(segment_fields, [&](std::uint32_t field) { return source->fields()[field].type == EL_FIELD_TOKENS; });
}

void make_stages(const StageMaking& making, Stages& stages, std::vector<base::Error>& errors) {
    const config::Spec& spec = *making.spec;
    Maker maker(making, stages, errors);
    maker.make_into(stages.source, spec.root.section("source"));
    maker.make_into(stages.tokenizer, spec.root.section("tokenizer"));
    if (stages.tokenizer) {
        stages.services.tokenizer = &*stages.tokenizer;
        maker.make_into(stages.segment, spec.root.section("segment"));
        maker.make_into(stages.objective, spec.objective());
    }
    if (spec.objective()) stages.objective_columns = maker.columns_of(*spec.objective());
    maker.make_into(stages.position, spec.position());
    if (const config::Section* embedding = spec.embedding()) {
        maker.make_into(stages.embedding.token, embedding->section("token"));
        maker.make_into(stages.embedding.segment, embedding->section("segment"));
        if (const config::Section* norm = embedding->section("norm")) {
            maker.make_into(stages.embedding.norm_weight, norm->section("weight"));
            maker.make_into(stages.embedding.norm_bias, norm->section("bias"));
        }
    }
    if (!making.without_sink) maker.make_into(stages.sink, spec.sink());
    if (stages.source && stages.segment) match_fields(spec, stages, errors);
    if (!stages.source) return;
    stages.label_field = field_of(*stages.source, "label", {EL_FIELD_INTEGER, EL_FIELD_NUMBER});
    stages.row_field = field_of(*stages.source, "row", {EL_FIELD_INTEGER});
}

std::shared_ptr<host::Instance> make_stage(const StageMaking& making, const config::Section& section, Stages& stages,
                                           std::vector<base::Error>& errors) {
    return Maker(making, stages, errors).make(section);
}

std::vector<base::Error> changed_tables(const Stages& stages) {
    std::vector<base::Error> errors;
    const EmbeddingStages& tables = stages.embedding;
    for (const auto* table : {&tables.token, &tables.segment, &tables.norm_weight, &tables.norm_bias})
        if (*table)
            for (base::Error& error : (*table)->instance().changed_files()) errors.push_back(std::move(error));
    return errors;
}

embed::TableView view_of(const host::TableStage& table) {
    const el_table_view& view = table.view();
    const embed::Dtype dtype = view.dtype == EL_F32   ? embed::Dtype::float32
                               : view.dtype == EL_F16 ? embed::Dtype::float16
                                                      : embed::Dtype::bfloat16;
    return {.data = static_cast<const std::byte*>(view.data), .rows = view.rows, .width = view.width, .dtype = dtype,
            .stride_bytes = view.stride};
}

}  // namespace embedloom::run
