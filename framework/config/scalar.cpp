// Reads scalars strictly, and guesses what was meant when one is refused.
#include <embedloom/config/scalar.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace embedloom::config {

namespace {

using Data = decltype(Value::data);

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t i) {
    const std::size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
}

/// -?(0|[1-9][0-9]*): the length of an integer at the start, or 0.
std::size_t integer_length(std::string_view text) {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    const std::size_t digits = digits_at(text, sign);
    return digits == 0 || (digits > 1 && text[sign] == '0') ? 0 : sign + digits;
}

/// The number grammar of JSON.
bool is_number(std::string_view text) {
    std::size_t i = integer_length(text);
    if (i == 0) return false;
    if (text.substr(i, 1) == ".") {
        const std::size_t digits = digits_at(text, i + 1);
        if (digits == 0) return false;
        i += 1 + digits;
    }
    if (text.substr(i, 1) == "e" || text.substr(i, 1) == "E") {
        const bool has_sign = text.substr(i + 1, 1) == "-" || text.substr(i + 1, 1) == "+";
        const std::size_t digits = digits_at(text, i + 1 + (has_sign ? 1 : 0));
        if (digits == 0) return false;
        i += 1 + (has_sign ? 1 : 0) + digits;
    }
    return i == text.size();
}

std::optional<double> to_double(std::string_view text) {
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return status == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return status == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_in_range(const Parameter& parameter, long double value) {
    return value >= static_cast<long double>(parameter.minimum) &&
           value <= static_cast<long double>(parameter.maximum);
}

bool has_choice(const Parameter& parameter, const std::string& text) {
    return std::find(parameter.choices.begin(), parameter.choices.end(), text) != parameter.choices.end();
}

std::optional<std::int64_t> read_size(std::string_view text) {
    const std::size_t digits = integer_length(text);
    if (digits == 0 || text[0] == '-') return std::nullopt;
    std::string_view unit = text.substr(digits);
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    static constexpr std::pair<std::string_view, int> shifts[] = {{"", 0},     {"B", 0},    {"KiB", 10},
                                                                  {"MiB", 20}, {"GiB", 30}, {"TiB", 40}};
    for (const auto& [name, shift] : shifts) {
        if (unit != name) continue;
        const auto number = to_integer(text.substr(0, digits));
        if (!number || *number > (std::numeric_limits<std::int64_t>::max() >> shift)) return std::nullopt;
        return *number << shift;
    }
    return std::nullopt;
}

std::optional<double> read_share(std::string_view text) {
    const bool is_percent = text.ends_with('%');
    if (is_percent) text.remove_suffix(text.ends_with(" %") ? 2 : 1);
    if (!is_number(text)) return std::nullopt;
    const auto value = to_double(text);
    return value && is_percent ? std::optional(*value / 100) : value;
}

/// The value as its type reads it, whatever its range; unset where it is none.
Data read_plain(const Parameter& parameter, const std::string& text) {
    const auto as_data = [](auto value) { return value ? Data(*value) : Data(); };
    switch (parameter.type) {
        case Type::boolean:
            return text == "true" || text == "false" ? Data(text == "true") : Data();
        case Type::integer:
            return integer_length(text) == text.size() && !text.empty() ? as_data(to_integer(text)) : Data();
        case Type::number:
            return is_number(text) ? as_data(to_double(text)) : Data();
        case Type::share:
            return as_data(read_share(text));
        case Type::size:
            return as_data(read_size(text));
        default:
            return {};
    }
}

bool fits(const Parameter& parameter, const Data& data) {
    if (const auto* integer = std::get_if<std::int64_t>(&data))
        return is_in_range(parameter, static_cast<long double>(*integer));
    if (const auto* number = std::get_if<double>(&data))
        return is_in_range(parameter, static_cast<long double>(*number));
    return data.index() != 0;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::string boolean_hint(const std::string& text) {
    const std::string word = lower(text);
    const auto is_one_of = [&](std::initializer_list<const char*> words) {
        return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (is_one_of({"yes", "y", "on", "1", "true", "t"})) return "write true";
    if (is_one_of({"no", "n", "off", "0", "false", "f"})) return "write false";
    return "";
}

std::string size_hint(const std::string& text) {
    const std::string word = lower(text);
    const std::size_t digits = digits_at(word, 0);
    const std::size_t unit = word.find_first_not_of(' ', digits);
    if (digits == 0 || unit == std::string::npos) return "";
    for (const char* name : {"KiB", "MiB", "GiB", "TiB"})
        if (word[unit] == lower(name)[0] && !text.ends_with(name))
            return "write " + word.substr(0, digits) + " " + name;
    return "";
}

/// A guess at the integer that a refused text stands for: 1_000, 010, 0x10, 1e3, 1.0.
std::string integer_hint(const std::string& text) {
    std::string word = lower(text);
    if (word.starts_with('+')) word.erase(0, 1);
    word.erase(std::remove(word.begin(), word.end(), '_'), word.end());
    const bool is_prefixed = word.starts_with("0x") || word.starts_with("0o") || word.starts_with("0b");
    if (is_prefixed) return "write it in decimal";
    const std::size_t zeros = std::min(word.find_first_not_of('0'), word.size());
    if (zeros > 0 && zeros < word.size() && is_digit(word[zeros])) word.erase(0, zeros);
    const auto value = is_number(word) ? to_double(word) : std::nullopt;
    return value && *value == std::floor(*value) && std::abs(*value) < 1e15 && number_text(*value) != text
               ? "write " + number_text(*value)
               : "";
}

std::string number_hint(const std::string& text) {
    const std::string word = lower(text);
    if (word.find("nan") != std::string::npos || word.find("inf") != std::string::npos)
        return "it must be finite";
    if (word.starts_with('.') && is_number("0" + word)) return "write 0" + word;
    return integer_hint(text);
}

std::string hint(const Parameter& parameter, const Node& node, bool is_readable) {
    if (is_readable && !node.is_plain) return "remove the quotes";
    if (is_readable) return "";
    if (parameter.type == Type::boolean) return boolean_hint(node.text);
    const std::string near = nearest(node.text, parameter.choices);
    if (!near.empty()) return "did you mean '" + near + "'?";
    if (parameter.type == Type::size) return size_hint(node.text);
    if (parameter.type == Type::integer) return integer_hint(node.text);
    return parameter.type == Type::number || parameter.type == Type::share ? number_hint(node.text) : "";
}

}  // namespace

decltype(Value::data) read_scalar(const Parameter& parameter, const Node& node, base::Error& error) {
    error.expected = expectation(parameter);
    error.found = describe(node);
    if (node.kind != Kind::scalar) return {};
    if (parameter.type == Type::text || has_choice(parameter, node.text)) return node.text;
    const Data data = read_plain(parameter, node.text);
    // A size with a unit may stand in quotes: JSON, which is YAML too, has no other way to write it.
    const bool has_unit = parameter.type == Type::size && node.text.find("iB") != std::string::npos;
    if ((node.is_plain || has_unit) && fits(parameter, data)) return data;
    error.found = node.is_plain ? in_quotes(node.text) : "the quoted text " + in_quotes(node.text);
    if (node.is_plain && (data.index() != 0 || is_number(node.text))) error.found = node.text.substr(0, 60);
    error.hint = hint(parameter, node, data.index() != 0);
    return {};
}

}  // namespace embedloom::config
