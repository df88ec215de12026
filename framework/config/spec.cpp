// Looks values up by name, and writes a spec as canonical text.
#include <embedloom/config/spec.h>

#include <utility>

namespace embedloom::config {

namespace {

[[noreturn]] void bug(const Section& section, std::string_view name, const std::string& what) {
    throw base::Failure({.key_path = section.path,
                         .found = what + " '" + std::string(name) + "'",
                         .expected = "a name of its table"});
}

template <class T>
const T& get(const Section& section, std::string_view name) {
    const T* value = std::get_if<T>(&section.at(name).data);
    if (!value) bug(section, name, "unset or of another type:");
    return *value;
}

std::string list_text(const std::vector<std::string>& items) {
    std::string out = "[";
    for (const std::string& item : items) out += (out.size() == 1 ? "" : ", ") + base::json_quote(item);
    return out + "]";
}

struct ToText {
    Type type;
    std::string operator()(std::monostate) const { return "unset"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const {
        return type == Type::size ? size_text(value) : std::to_string(value);
    }
    std::string operator()(double value) const { return number_text(value); }
    std::string operator()(const std::string& value) const {
        const bool is_word = type == Type::choice || type == Type::integer || type == Type::size;
        return is_word ? value : base::json_quote(value);
    }
    std::string operator()(const std::vector<std::string>& value) const { return list_text(value); }
};

bool names_content(Type type) {
    return type == Type::path || type == Type::files;
}

void append(const Section& section, Part part, std::string& out) {
    for (const Value& value : section.values) {
        if (!value.is_set() || (part == Part::rows_only && value.keeps_rows)) continue;
        if (value.type != Type::section) {
            const bool is_digest = part == Part::rows_only && names_content(value.type);
            out += value.path + " = " + (is_digest ? "<digest>" : value_text(value)) + "\n";
        }
        for (const Section& below : value.sections) {
            if (value.type == Type::stages)
                out += below.path + " = " + below.use + " " + below.version + "\n";
            append(below, part, out);
        }
    }
}

}  // namespace

const Value& Section::at(std::string_view name) const {
    for (const Value& value : values)
        if (value.name == name) return value;
    bug(*this, name, "no parameter");
}

bool Section::boolean(std::string_view name) const {
    return get<bool>(*this, name);
}
std::int64_t Section::integer(std::string_view name) const {
    return get<std::int64_t>(*this, name);
}
double Section::number(std::string_view name) const {
    return get<double>(*this, name);
}
const std::string& Section::text(std::string_view name) const {
    return get<std::string>(*this, name);
}

const std::vector<std::string>& Section::list(std::string_view name) const {
    return get<std::vector<std::string>>(*this, name);
}

const Section* Section::section(std::string_view name) const {
    const Value& value = at(name);
    if (value.type != Type::stage && value.type != Type::section) bug(*this, name, "not a stage or section:");
    return value.sections.empty() ? nullptr : &value.sections.front();
}

std::optional<std::int64_t> Section::integer_or_word(std::string_view name) const {
    const Value& value = at(name);
    return value.is_set() && !value.is_word() ? std::optional(integer(name)) : std::nullopt;
}

base::Error error_at(const Value& value, base::Error error) {
    error.key_path = value.path;
    return at(value.mark, std::move(error));
}

base::Error error_at(const Section& section, base::Error error) {
    error.key_path = section.path;
    return at(section.mark, std::move(error));
}

std::string value_text(const Value& value) {
    if (value.type == Type::stage && !value.sections.empty())
        return value.sections.front().use + " " + value.sections.front().version;
    if (value.type == Type::stages) return "[" + std::to_string(value.sections.size()) + "]";
    return std::visit(ToText{value.type}, value.data);
}

std::string to_canonical_text(const Spec& spec, Part part) {
    std::string out;
    append(spec.root, part, out);
    return out;
}

}  // namespace embedloom::config
