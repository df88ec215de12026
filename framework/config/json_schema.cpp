// A JSON Schema of configs, for editors.
#include <embedloom/base/error.h>
#include <embedloom/config/generate.h>
#include <embedloom/config/schema.h>

#include <cmath>
#include <set>

namespace embedloom::config {

namespace {

/// `"name":value` pairs, put together.
class Object {
  public:
    Object& put(const std::string& name, const std::string& json) {
        text_ += (text_.empty() ? "" : ",") + base::json_quote(name) + ":" + json;
        return *this;
    }
    Object& put_text(const std::string& name, const std::string& text) {
        return text.empty() ? *this : put(name, base::json_quote(text));
    }
    std::string json() const { return "{" + text_ + "}"; }

  private:
    std::string text_;
};

std::string array(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
    return "[" + out + "]";
}

/// The words of a choice; true and false also as editors read them, as booleans.
std::string words(const std::vector<std::string>& choices) {
    std::vector<std::string> items;
    for (const std::string& choice : choices) {
        items.push_back(base::json_quote(choice));
        if (choice == "true" || choice == "false") items.push_back(choice);
    }
    return Object().put("enum", array(items)).json();
}

std::string pattern(const std::string& expression) {
    return Object().put_text("type", "string").put_text("pattern", expression).json();
}

std::string numeric(const Parameter& parameter, const std::string& type) {
    Object out;
    out.put_text("type", type);
    if (std::isfinite(parameter.minimum)) out.put("minimum", number_text(parameter.minimum));
    if (std::isfinite(parameter.maximum)) out.put("maximum", number_text(parameter.maximum));
    return out.json();
}

/// The ways to write a scalar, one of which must hold.
std::vector<std::string> scalar_forms(const Parameter& parameter) {
    std::vector<std::string> forms;
    switch (parameter.type) {
        case Type::boolean:
            forms = {R"({"type":"boolean"})"};
            break;
        case Type::integer:
            forms = {numeric(parameter, "integer")};
            break;
        case Type::number:
            forms = {numeric(parameter, "number")};
            break;
        case Type::share:
            forms = {numeric(parameter, "number"), pattern("^[0-9.]+ ?%$")};
            break;
        case Type::size:
            forms = {numeric(parameter, "integer"), pattern("^[0-9]+ ?([KMGT]i)?B$")};
            break;
        case Type::choice:
            break;
        default:
            return {R"({"type":["string","number","boolean"]})"};
    }
    if (!parameter.choices.empty()) forms.push_back(words(parameter.choices));
    forms.push_back(pattern("\\$\\{"));  // a variable may stand for anything
    return forms;
}

class SchemaWriter {
  public:
    explicit SchemaWriter(const Catalogue& catalogue) : catalogue_(catalogue) {}

    std::string map(const std::vector<Parameter>& table, const StageDescription* stage = nullptr) const {
        Object properties;
        std::vector<std::string> required;
        if (stage) {
            properties.put("use", Object().put("const", base::json_quote(stage->name)).json());
            required.push_back(base::json_quote("use"));
        }
        for (const Parameter& parameter : table) {
            properties.put(parameter.name, described(parameter));
            if (parameter.is_required) required.push_back(base::json_quote(parameter.name));
        }
        Object out;
        out.put_text("type", "object").put_text("description", stage ? stage->summary : "");
        out.put("additionalProperties", "false")
            .put("required", array(required))
            .put("properties", properties.json());
        return out.json();
    }

    std::string definitions() const {
        std::set<std::string> kinds;
        for (const StageDescription& stage : catalogue_.stages()) kinds.insert(stage.kind);
        Object out;
        for (const std::string& kind : kinds) out.put(kind, stage(kind, {}));
        return out.json();
    }

  private:
    std::string described(const Parameter& parameter) const {
        Object out;
        out.put_text("description", parameter.doc);
        if (parameter.fallback && parameter.type != Type::section)
            out.put_text("default", *parameter.fallback);
        std::vector<std::string> all = forms(parameter);
        if (!parameter.is_required) all.push_back(R"({"type":"null"})");  // as if it were left out
        if (all.size() > 1 || all[0] == "false") return out.put("anyOf", array(all)).json();
        const std::string start = out.json();  // one form alone: editors show plainer messages without anyOf
        return start == "{}" ? all[0] : start.substr(0, start.size() - 1) + "," + all[0].substr(1);
    }

    std::vector<std::string> forms(const Parameter& parameter) const {
        const std::string text = R"({"type":["string","number","boolean"]})";
        switch (parameter.type) {
            case Type::files:
            case Type::folders:
            case Type::texts:
                return {text, R"({"type":"array","items":)" + text + "}"};
            case Type::stage:
                return {stage(parameter)};
            case Type::stages:
                return {R"({"type":"array","items":)" + stage(parameter) + "}"};
            case Type::section:
                return section_forms(parameter);
            default:
                return scalar_forms(parameter);
        }
    }

    std::vector<std::string> section_forms(const Parameter& parameter) const {
        std::vector<std::string> out{map(parameter.keys)};
        for (const Parameter& key : parameter.keys)
            if (key.name == parameter.shorthand) out.push_back(described(key));
        return out;
    }

    std::string stage(const Parameter& parameter) const {
        const bool is_shared = parameter.keys.empty() && !catalogue_.names(parameter.stage_kind).empty();
        return is_shared ? Object().put_text("$ref", "#/$defs/" + parameter.stage_kind).json()
                         : stage(parameter.stage_kind, parameter.keys);
    }

    /// Any stage of a kind: by its name alone, or as a map.
    std::string stage(const std::string& kind, const std::vector<Parameter>& keys) const {
        std::vector<std::string> out;
        const std::vector<std::string> names = catalogue_.names(kind);
        if (!names.empty()) out.push_back(words(names));
        for (const std::string& name : names) {
            const StageDescription& found = *catalogue_.find(kind, name);
            std::vector<Parameter> table = found.parameters;
            table.insert(table.end(), keys.begin(), keys.end());
            out.push_back(map(table, &found));
        }
        return out.empty() ? "false" : Object().put("anyOf", array(out)).json();
    }

    const Catalogue& catalogue_;
};

}  // namespace

std::string json_schema(const Catalogue& catalogue) {
    const SchemaWriter writer(catalogue);
    const std::string map = writer.map(top_level());
    return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"A config of Embedloom","$defs":)" +
           writer.definitions() + "," + map.substr(1) + "\n";
}

}  // namespace embedloom::config
