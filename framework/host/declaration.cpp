// What a declaration must be: names, versions, types that exist, ranges that hold their defaults, functions that are there.
#include <embedloom/host/declaration.h>

#include <embedloom/abi/objective.h>
#include <embedloom/abi/position.h>
#include <embedloom/abi/segment.h>
#include <embedloom/abi/sink.h>
#include <embedloom/abi/source.h>
#include <embedloom/abi/table.h>
#include <embedloom/abi/tokenizer.h>
#include <embedloom/base/error.h>
#include <embedloom/host/kind.h>
#include <embedloom/host/values.h>

#include <cstring>
#include <set>

namespace embedloom::host {

namespace {

constexpr std::uint32_t most_parameters = 1024, most_columns = 256, most_choices = 4096;
constexpr std::uint64_t most_text = 1 << 20;

/// Collects what is wrong with one declaration.
struct Findings {
    std::string file;
    std::string plugin = {};
    std::vector<base::Error> errors = {};

    void add(std::string found, std::string expected) {
        errors.push_back({.code = base::Code::config, .plugin = plugin, .source = file, .found = std::move(found),
                          .expected = std::move(expected), .hint = "mend the plugin's declaration"});
    }
    void text(el_text text, const std::string& what) {
        if ((!text.data && text.size) || text.size > most_text) add(what + " is no text", "a pointer and at most 1 MiB");
    }
};

/// The size of a kind's functions and where those stand that may be null.
struct Functions {
    std::uint32_t size;
    std::size_t optional = 0;  // offset in bytes; 0: none
};

Functions functions_of(el_kind kind) {
    switch (kind) {
        case EL_KIND_SOURCE: return {sizeof(el_source_functions)};
        case EL_KIND_TOKENIZER: return {sizeof(el_tokenizer_functions)};
        case EL_KIND_SEGMENT: return {sizeof(el_segment_functions)};
        case EL_KIND_OBJECTIVE: return {sizeof(el_objective_functions)};
        case EL_KIND_POSITION: return {sizeof(el_position_functions), offsetof(el_position_functions, configure_width)};
        case EL_KIND_TABLE: return {sizeof(el_table_functions)};
        case EL_KIND_SINK: return {sizeof(el_sink_functions)};
        default: return {0};
    }
}

void check_functions(const el_stage& stage, Findings& findings) {
    const bool life = stage.create && stage.configure && stage.destroy;
    if (!life) findings.add("no create, configure or destroy", "all three");
    if (!stage.scratch_create != !stage.scratch_destroy) findings.add("one scratch function", "both or neither");
    const Functions wanted = functions_of(stage.kind);
    if (!wanted.size) return findings.add("kind " + std::to_string(stage.kind), "a kind that this program can run");
    std::uint32_t size = 0;
    if (stage.functions) std::memcpy(&size, stage.functions, sizeof size);
    if (size < wanted.size)
        return findings.add(std::to_string(size) + " bytes of functions", std::to_string(wanted.size) + " bytes");
    for (std::size_t at = 8; at < wanted.size; at += sizeof(void*)) {
        const void* function = nullptr;
        std::memcpy(&function, static_cast<const char*>(stage.functions) + at, sizeof function);
        if (!function && at != wanted.optional)
            findings.add("function " + std::to_string(at / sizeof(void*)) + " of the kind is null", "a function");
    }
}

/// Copies an array whose elements are as large as the first one says. Nothing where it makes no sense.
template <class T>
std::vector<T> copy_array(const T* first, std::uint32_t count, std::uint32_t most, Findings& findings) {
    std::vector<T> out;
    if (!count) return out;
    if (!first || count > most || first->size < sizeof(T)) {
        findings.add("an array of " + std::to_string(count) + " elements that cannot be read",
                     "at most " + std::to_string(most) + " of " + std::to_string(sizeof(T)) + " bytes");
        return out;
    }
    for (std::uint32_t i = 0; i < count; ++i)
        std::memcpy(&out.emplace_back(), reinterpret_cast<const char*>(first) + std::uint64_t{i} * first->size, sizeof(T));
    return out;
}

void check_type(const el_parameter& parameter, const std::string& name, Findings& findings) {
    if (parameter.type < EL_PARAMETER_BOOLEAN || parameter.type > EL_PARAMETER_STAGE)
        findings.add(name + " has type " + std::to_string(parameter.type), "a type of EL_PARAMETER_...");
    if (!(parameter.minimum <= parameter.maximum)) findings.add(name + " has an empty range", "minimum <= maximum");
    if (parameter.type == EL_PARAMETER_STAGE && !functions_of(parameter.stage_kind).size)
        findings.add(name + " is a stage of no kind", "a kind");
    if (parameter.type != EL_PARAMETER_CHOICE) return;
    if (!parameter.choices || !parameter.choice_count || parameter.choice_count > most_choices)
        return findings.add(name + " has no choices", "at least one");
    for (std::uint32_t i = 0; i < parameter.choice_count; ++i) findings.text(parameter.choices[i], name + "'s choice");
}

/// A default must be a value that the parameter itself takes.
void check_default(const el_parameter& parameter, const std::string& name, Findings& findings) {
    if (!parameter.default_value.data) return;
    const std::string text(view_of(parameter.default_value));
    if (parameter.flags & EL_REQUIRED) findings.add(name + " is required and has a default", "one of the two");
    const auto value = parse_value(parameter, text);
    el_stage alone{.parameter_count = 1, .parameters = &parameter};
    if (!value || !check_values(alone, std::span(&*value, 1), "").empty())
        findings.add(name + " has the default '" + text + "'", expectation(parameter));
}

void check_parameters(const std::vector<el_parameter>& parameters, Findings& findings) {
    std::set<std::string> names;
    for (const el_parameter& parameter : parameters) {
        const std::size_t before = findings.errors.size();
        for (const el_text text : {parameter.name, parameter.doc, parameter.unit, parameter.default_value})
            findings.text(text, "a text of a parameter");
        if (findings.errors.size() != before) continue;
        const std::string name = "parameter '" + std::string(view_of(parameter.name)) + "'";
        if (!is_name(view_of(parameter.name)) || view_of(parameter.name) == "use")
            findings.add(name, "a name in snake_case other than 'use'");
        if (!names.insert(name).second) findings.add(name + " twice", "one of each name");
        check_type(parameter, name, findings);
        if (findings.errors.size() == before) check_default(parameter, name, findings);
    }
}

void check_columns(const std::vector<el_column>& columns, Findings& findings) {
    std::set<std::string> names;
    for (const el_column& column : columns) {
        const std::size_t before = findings.errors.size();
        findings.text(column.name, "a column's name");
        findings.text(column.doc, "a column's doc");
        if (findings.errors.size() != before) continue;
        const std::string name = "column '" + std::string(view_of(column.name)) + "'";
        if (!is_name(view_of(column.name))) findings.add(name, "a name in snake_case");
        if (!names.insert(name).second) findings.add(name + " twice", "one of each name");
        if (column.dtype < EL_U8 || column.dtype > EL_F64) findings.add(name + " has no dtype", "a dtype of EL_...");
        if (column.axis != EL_AXIS_ROW && column.axis != EL_AXIS_TOKEN) findings.add(name + " has no axis", "row or token");
    }
}

}  // namespace

CheckedStage::CheckedStage(const el_stage* declared, const std::string& file) {
    Findings findings{file};
    if (!declared || declared->size < sizeof(el_stage)) {
        findings.add("a stage of " + std::to_string(declared ? declared->size : 0) + " bytes",
                     std::to_string(sizeof(el_stage)) + " bytes");
        throw base::Failure(std::move(findings.errors));
    }
    std::memcpy(&stage_, declared, sizeof stage_);
    for (const el_text text : {stage_.name, stage_.version, stage_.summary, stage_.doc}) findings.text(text, "a text");
    if (findings.errors.empty()) {
        findings.plugin = plugin_name(stage_);
        if (!is_name(view_of(stage_.name))) findings.add("that name", "a name in snake_case");
        if (!is_version(view_of(stage_.version))) findings.add("that version", "three numbers, as 1.0.0");
        if (stage_.summary.size == 0) findings.add("no summary", "one line on what it does");
        if (stage_.concurrency > EL_PURE) findings.add("an unknown concurrency", "serial or pure");
        check_functions(stage_, findings);
        parameters_ = copy_array(stage_.parameters, stage_.parameter_count, most_parameters, findings);
        columns_ = copy_array(stage_.columns, stage_.column_count, most_columns, findings);
        check_parameters(parameters_, findings);
        check_columns(columns_, findings);
    }
    if (!findings.errors.empty()) throw base::Failure(std::move(findings.errors));
    stage_.parameters = parameters_.data();
    stage_.columns = columns_.data();
}

}  // namespace embedloom::host
