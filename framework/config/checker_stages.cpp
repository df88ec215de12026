// Checks stages: the plugin that `use:` names, and its parameters by the table that it declares.
#include <embedloom/config/checker.h>

#include <algorithm>
#include <utility>

namespace embedloom::config {

namespace {

/// "a table", "an objective"
std::string with_article(const std::string& kind) {
    const bool is_vowel = !kind.empty() && std::string_view("aeiou").find(kind[0]) != std::string_view::npos;
    return (is_vowel ? "an " : "a ") + kind;
}

}  // namespace

void Checker::fill_stages(const Parameter& parameter, const Node& node, const Place& place, Value& out) {
    if (node.kind != Kind::list) {
        mistakes_.add(node.mark, {.key_path = place.path,
                                  .found = describe(node),
                                  .expected = expectation(parameter),
                                  .hint = "put the stage in [ ]"});
        return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i)
        fill_stage(parameter, node.items[i],
                   {place.path + "." + std::to_string(i), node.items[i].mark, place.keeps_rows}, out);
}

void Checker::fill_stage(const Parameter& parameter, const Node& node, const Place& place, Value& out) {
    Node wrapped = node;
    if (node.kind == Kind::scalar)
        wrapped = {.kind = Kind::map, .mark = node.mark, .entries = {{"use", node.mark, node}}};
    const Node* use = wrapped.find("use");
    if (node.is_told || (use && use->is_told)) return;
    if (wrapped.kind != Kind::map || !use || use->kind != Kind::scalar) {
        const std::vector<std::string> names = catalogue_.names(parameter.stage_kind);
        mistakes_.add(use ? use->mark : node.mark,
                      {.key_path = wrapped.kind == Kind::map ? place.path + ".use" : place.path,
                       .found = use                         ? describe(*use)
                                : wrapped.kind == Kind::map ? "no 'use'"
                                                            : describe(node),
                       .expected = "the name of " + with_article(parameter.stage_kind) + " plugin" +
                                   (names.empty() ? "" : ": " + joined(names))});
        return;
    }
    const StageDescription* stage = find_stage(parameter.stage_kind, *use, place.path);
    if (!stage) return;
    std::vector<Parameter> table = stage->parameters;
    table.insert(table.end(), parameter.keys.begin(), parameter.keys.end());
    const auto is_use = [](const Entry& entry) { return entry.key == "use"; };
    wrapped.entries.erase(std::find_if(wrapped.entries.begin(), wrapped.entries.end(), is_use));
    Section checked = section(table, wrapped, place);
    checked.kind = stage->kind;
    checked.use = stage->name;
    checked.version = stage->version;
    out.sections.push_back(std::move(checked));
}

const StageDescription* Checker::find_stage(const std::string& kind, const Node& use,
                                            const std::string& path) {
    if (const StageDescription* stage = catalogue_.find(kind, use.text)) return stage;
    const std::vector<std::string> names = catalogue_.names(kind);
    const std::string near = nearest(use.text, names);
    const std::vector<std::string> kinds = catalogue_.kinds_of(use.text);
    base::Error error{
        .key_path = path + ".use", .found = in_quotes(use.text), .expected = with_article(kind) + " plugin"};
    if (names.empty()) error.expected += ", of which there is none";
    if (!near.empty()) {
        error.hint = "did you mean '" + near + "'? ";
    } else {
        if (!names.empty()) error.expected += ": " + joined(names);
        if (!kinds.empty()) error.hint = in_quotes(use.text) + " is " + with_article(kinds[0]) + "; ";
    }
    error.hint += catalogue_.places().empty() ? "no place to look in"
                                              : "looked in " + joined(catalogue_.places(), "and");
    mistakes_.add(use.mark, std::move(error));
    return nullptr;
}

}  // namespace embedloom::config
