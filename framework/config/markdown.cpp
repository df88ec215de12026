// The reference of all keys as Markdown tables.
#include <embedloom/config/generate.h>
#include <embedloom/config/schema.h>

#include <algorithm>
#include <set>

namespace embedloom::config {

namespace {

/// A cell of a table: on one line, with '|' escaped.
std::string cell(std::string text) {
    for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2) text.insert(i, "\\");
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string default_cell(const Parameter& parameter) {
    if (parameter.is_required) return "**required**";
    const bool is_section = parameter.type == Type::section || !parameter.fallback;
    return is_section ? "" : "`" + cell(*parameter.fallback) + "`";
}

void append_rows(const std::vector<Parameter>& table, const std::string& prefix, std::string& out) {
    for (const Parameter& parameter : table) {
        const std::string name = prefix + parameter.name;
        const std::string what = parameter.type == Type::section ? "a map" : expectation(parameter);
        out += "| `" + name + "` | " + cell(what) + " | " + default_cell(parameter) + " | " +
               cell(parameter.doc) + " |\n";
        append_rows(parameter.keys, name + ".", out);
    }
}

std::string table_of(const std::vector<Parameter>& parameters) {
    std::string out = "| key | value | default | meaning |\n|---|---|---|---|\n";
    append_rows(parameters, "", out);
    return out;
}

std::vector<std::string> kinds_of(const Catalogue& catalogue) {
    std::set<std::string> kinds;
    for (const StageDescription& stage : catalogue.stages()) kinds.insert(stage.kind);
    return {kinds.begin(), kinds.end()};
}

std::string stage_section(const StageDescription& stage) {
    std::string out = "### " + stage.kind + ": " + stage.name + "\n\n" + stage.summary + "\n\n";
    if (!stage.doc.empty()) out += stage.doc + "\n\n";
    return out + (stage.parameters.empty() ? "It has no parameters.\n" : table_of(stage.parameters)) + "\n";
}

}  // namespace

std::string markdown_reference(const Catalogue& catalogue) {
    std::string out = "## Keys of the core\n\n" + table_of(top_level()) + "\n## Stages\n\n";
    for (const std::string& kind : kinds_of(catalogue))
        for (const std::string& name : catalogue.names(kind))
            out += stage_section(*catalogue.find(kind, name));
    return out;
}

}  // namespace embedloom::config
