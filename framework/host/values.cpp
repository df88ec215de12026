// Checks values against a parameter table, reads defaults, and lays values out as the contract wants them.
#include <embedloom/host/values.h>

#include <embedloom/host/kind.h>
#include <embedloom/host/stage.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace embedloom::host {

namespace {

std::string number_text(double number) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    return {buffer, end};
}

std::string number_text(const el_parameter& parameter, double number) {
    return parameter.type == EL_PARAMETER_NUMBER || std::abs(number) > 9e15
               ? number_text(number)
               : std::to_string(static_cast<std::int64_t>(number));
}

/// " from 1 to 512", " from 1", "".
std::string range_text(const el_parameter& parameter) {
    std::string out;
    if (std::isfinite(parameter.minimum)) out += " from " + number_text(parameter, parameter.minimum);
    if (std::isfinite(parameter.maximum))
        out += (out.empty() ? " up to " : " to ") + number_text(parameter, parameter.maximum);
    return out;
}

std::string choices_text(const el_parameter& parameter) {
    std::string out = "one of ";
    for (std::uint32_t i = 0; i < parameter.choice_count; ++i)
        out += (i ? ", " : "") + std::string(view_of(parameter.choices[i]));
    return out;
}

bool is_choice(const el_parameter& parameter, std::string_view text) {
    return std::any_of(parameter.choices, parameter.choices + parameter.choice_count,
                       [&](el_text choice) { return view_of(choice) == text; });
}

bool is_in_range(const el_parameter& parameter, double number) {
    return number >= parameter.minimum && number <= parameter.maximum;  // NaN is in no range
}

bool is_real(std::uint32_t type) { return type == EL_PARAMETER_NUMBER; }
bool is_whole(std::uint32_t type) { return type == EL_PARAMETER_INTEGER || type == EL_PARAMETER_SIZE; }
bool is_list(std::uint32_t type) { return type == EL_PARAMETER_TEXTS || type == EL_PARAMETER_FILES; }
bool is_text(std::uint32_t type) {
    return type == EL_PARAMETER_TEXT || type == EL_PARAMETER_CHOICE || type == EL_PARAMETER_PATH ||
           type == EL_PARAMETER_DIRECTORY;
}

std::string value_text(const Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "nothing"; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(std::int64_t integer) const { return std::to_string(integer); }
        std::string operator()(double number) const { return number_text(number); }
        std::string operator()(const std::string& text) const { return "'" + text + "'"; }
        std::string operator()(const std::vector<std::string>&) const { return "a list"; }
        std::string operator()(const std::shared_ptr<Instance>&) const { return "a stage"; }
    };
    return std::visit(Visitor{}, value);
}

bool fits(const el_parameter& parameter, const Value& value) {
    const std::uint32_t type = parameter.type;
    if (std::holds_alternative<std::monostate>(value))
        return !(parameter.flags & EL_REQUIRED) && !parameter.default_value.data;
    if (std::holds_alternative<bool>(value)) return type == EL_PARAMETER_BOOLEAN;
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return (is_whole(type) || is_real(type)) && is_in_range(parameter, static_cast<double>(*integer)) &&
               (type != EL_PARAMETER_SIZE || *integer >= 0);
    if (const auto* number = std::get_if<double>(&value)) return is_real(type) && is_in_range(parameter, *number);
    if (const auto* text = std::get_if<std::string>(&value))
        return is_text(type) && (type != EL_PARAMETER_CHOICE || is_choice(parameter, *text));
    if (std::holds_alternative<std::vector<std::string>>(value)) return is_list(type);
    const auto& stage = std::get<std::shared_ptr<Instance>>(value);
    return type == EL_PARAMETER_STAGE && stage && stage->stage().kind == parameter.stage_kind;
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// "65536", "64 KiB".
std::optional<std::int64_t> parse_size(std::string_view text) {
    constexpr std::pair<std::string_view, int> units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
    int shift = 0;
    for (const auto& [unit, bits] : units)
        if (text.ends_with(unit)) {
            text.remove_suffix(unit.size());
            shift = bits;
        }
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto number = parse_number<std::int64_t>(text);
    if (!number || *number < 0 || *number > (INT64_MAX >> shift)) return std::nullopt;
    return *number << shift;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        out.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return out;
}

template <class T>
std::optional<Value> wrap(const std::optional<T>& parsed) {
    return parsed ? std::optional<Value>(*parsed) : std::nullopt;
}

}  // namespace

std::string expectation(const el_parameter& parameter) {
    switch (parameter.type) {
        case EL_PARAMETER_BOOLEAN: return "true or false";
        case EL_PARAMETER_INTEGER: return "an integer" + range_text(parameter);
        case EL_PARAMETER_NUMBER: return "a number" + range_text(parameter);
        case EL_PARAMETER_TEXT: return "a text";
        case EL_PARAMETER_CHOICE: return choices_text(parameter);
        case EL_PARAMETER_PATH: return "a file";
        case EL_PARAMETER_FILES: return "a list of files";
        case EL_PARAMETER_DIRECTORY: return "a folder";
        case EL_PARAMETER_SIZE: return "a number of bytes" + range_text(parameter);
        case EL_PARAMETER_TEXTS: return "a list of texts";
        default: return "a " + std::string(kind_name(parameter.stage_kind));
    }
}

std::optional<Value> parse_value(const el_parameter& parameter, std::string_view text) {
    switch (parameter.type) {
        case EL_PARAMETER_BOOLEAN:
            return text == "true" || text == "false" ? std::optional<Value>(text == "true") : std::nullopt;
        case EL_PARAMETER_INTEGER: return wrap(parse_number<std::int64_t>(text));
        case EL_PARAMETER_NUMBER: return wrap(parse_number<double>(text));
        case EL_PARAMETER_SIZE: return wrap(parse_size(text));
        case EL_PARAMETER_TEXTS:
        case EL_PARAMETER_FILES: return Value(split(text));
        case EL_PARAMETER_STAGE: return std::nullopt;
        default: return Value(std::string(text));
    }
}

Value default_value(const el_parameter& parameter) {
    if (!parameter.default_value.data) return {};
    return parse_value(parameter, view_of(parameter.default_value)).value_or(Value{});
}

std::vector<base::Error> check_values(const el_stage& stage, std::span<const Value> values, const std::string& path) {
    std::vector<base::Error> errors;
    const auto refuse = [&](const std::string& key, std::string found, std::string expected) {
        errors.push_back({.code = base::Code::config, .stage = path, .plugin = plugin_name(stage), .key_path = key,
                          .found = std::move(found), .expected = std::move(expected)});
    };
    if (values.size() != stage.parameter_count)
        refuse(path, std::to_string(values.size()) + " values", std::to_string(stage.parameter_count) + " parameters");
    const std::size_t count = std::min<std::size_t>(values.size(), stage.parameter_count);
    for (std::size_t i = 0; i < count; ++i) {
        const el_parameter& parameter = stage.parameters[i];
        if (!fits(parameter, values[i]))
            refuse(path + "." + std::string(view_of(parameter.name)), value_text(values[i]), expectation(parameter));
    }
    return errors;
}

AbiValues::AbiValues(const el_stage& stage, std::span<const Value> values) {
    lists_.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        values_.push_back({.size = sizeof(el_value), .type = stage.parameters[i].type});
        set(values_.back(), values[i]);
    }
}

void AbiValues::set(el_value& out, const Value& value) {
    out.is_set = !std::holds_alternative<std::monostate>(value);
    if (const auto* truth = std::get_if<bool>(&value)) out.integer = *truth;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        out.integer = out.type == EL_PARAMETER_NUMBER ? 0 : *integer;
        out.number = out.type == EL_PARAMETER_NUMBER ? static_cast<double>(*integer) : 0;
    }
    if (const auto* number = std::get_if<double>(&value)) out.number = *number;
    if (const auto* text = std::get_if<std::string>(&value)) out.text = text_of(*text);
    if (const auto* stage = std::get_if<std::shared_ptr<Instance>>(&value)) out.stage = &(*stage)->handle();
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
        auto& texts = lists_.emplace_back();
        for (const std::string& text : *list) texts.push_back(text_of(text));
        out.list = texts.data();
        out.list_count = static_cast<std::uint32_t>(texts.size());
    }
}

}  // namespace embedloom::host
