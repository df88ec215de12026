// Checked access to JSON fields.
// link: simdjson
#include "json_fields.h"

#include <algorithm>
#include <vector>

namespace embedloom::plugins {

std::uint64_t JsonValue::number(std::uint64_t most) const {
    std::uint64_t value = 0;
    if (element_.get(value) || value > most) refuse("a whole number from 0 to " + std::to_string(most));
    return value;
}

JsonValue JsonValue::at(std::string_view name) const {
    simdjson::dom::element found;
    if (object().at_key(name).get(found)) throw LoadFailure("no " + inside(name), "it to be given");
    return {found, inside(name)};
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
    simdjson::dom::element found;
    if (object().at_key(name).get(found) || found.is_null()) return std::nullopt;
    return JsonValue(found, inside(name));
}

void JsonValue::only(std::initializer_list<std::string_view> names) const {
    std::vector<std::string_view> seen;
    for (const auto field : object()) {
        if (std::find(names.begin(), names.end(), field.key) == names.end())
            throw LoadFailure("an unknown field " + inside(shown(field.key)),
                              "only fields whose meaning is known here");
        if (std::find(seen.begin(), seen.end(), field.key) != seen.end())
            throw LoadFailure(inside(field.key) + " twice", "every field once");
        seen.push_back(field.key);
    }
}

void JsonValue::refuse(const std::string& expected, const std::string& hint) const {
    const std::string is = element_.is_object()   ? "an object"
                           : element_.is_array()  ? "a list"
                           : element_.is_string() ? shown(element_.get_string().value_unsafe())
                                                  : std::string(simdjson::minify(element_));
    throw LoadFailure(path_.empty() ? is : path_ + ": " + is, expected, hint);
}

}  // namespace embedloom::plugins
