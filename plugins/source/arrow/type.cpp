// Formats of the Arrow C data interface, in words and out of words.
#include "type.h"

#include <array>
#include <charconv>
#include <string_view>

namespace embedloom::source {

namespace {

struct NumberFormat {
    std::string_view format, name;
    Number number;
};
constexpr std::array number_formats{
    NumberFormat{"b", "bool", Number::boolean}, NumberFormat{"c", "int8", Number::int8},     NumberFormat{"C", "uint8", Number::uint8},
    NumberFormat{"s", "int16", Number::int16},  NumberFormat{"S", "uint16", Number::uint16}, NumberFormat{"i", "int32", Number::int32},
    NumberFormat{"I", "uint32", Number::uint32}, NumberFormat{"l", "int64", Number::int64},  NumberFormat{"L", "uint64", Number::uint64},
    NumberFormat{"e", "float16", Number::float16}, NumberFormat{"f", "float32", Number::float32}, NumberFormat{"g", "float64", Number::float64}};

struct NamedFormat {
    std::string_view format, name;
};
constexpr std::array other_formats{NamedFormat{"n", "null"},         NamedFormat{"u", "string"},  NamedFormat{"U", "large_string"},
                                   NamedFormat{"vu", "string_view"}, NamedFormat{"z", "binary"},  NamedFormat{"Z", "large_binary"},
                                   NamedFormat{"vz", "binary_view"}, NamedFormat{"+s", "struct"}, NamedFormat{"+m", "map"},
                                   NamedFormat{"+r", "run_end_encoded"}};

/// The whole format; empty where there is none, and for one so long that it is no type of ours.
std::string_view format_of(const ArrowSchema& schema) {
    constexpr std::size_t most = 256;
    if (!schema.format) return {};
    std::size_t size = 0;
    while (size < most && schema.format[size]) ++size;
    return size < most ? std::string_view(schema.format, size) : std::string_view();
}

std::optional<Number> number_of(std::string_view format) {
    for (const NumberFormat& known : number_formats)
        if (known.format == format) return known.number;
    return std::nullopt;
}

const ArrowSchema* item_of(const ArrowSchema& schema) {
    return schema.n_children == 1 && schema.children ? schema.children[0] : nullptr;
}

/// The items of "+w:4".
std::optional<std::uint64_t> width_of(std::string_view format) {
    constexpr std::uint64_t most = std::uint64_t{1} << 31;
    if (!format.starts_with("+w:")) return std::nullopt;
    std::uint64_t width = 0;
    const auto [end, status] = std::from_chars(format.data() + 3, format.data() + format.size(), width);
    return status == std::errc{} && end == format.data() + format.size() && width < most ? std::optional(width) : std::nullopt;
}

std::optional<Type> list_of(std::string_view format, const ArrowSchema& schema) {
    const ArrowSchema* item = item_of(schema);
    const auto number = item && !item->dictionary ? number_of(format_of(*item)) : std::nullopt;
    if (!number || is_real(*number) || *number == Number::boolean) return std::nullopt;
    if (format == "+l" || format == "+L") return Type{.shape = Shape::list, .number = *number, .is_large = format == "+L", .keys = {}};
    if (const auto width = width_of(format)) return Type{.shape = Shape::fixed_list, .number = *number, .width = *width, .keys = {}};
    return std::nullopt;
}

std::optional<Type> plain_type_of(const ArrowSchema& schema) {
    const std::string_view format = format_of(schema);
    if (const auto number = number_of(format)) return Type{.shape = Shape::number, .number = *number, .keys = {}};
    if (format == "u" || format == "U") return Type{.shape = Shape::text, .is_large = format == "U", .keys = {}};
    if (format == "vu") return Type{.shape = Shape::text_view, .keys = {}};
    return list_of(format, schema);
}

}  // namespace

bool is_real(Number number) { return number >= Number::float16; }

std::optional<Type> type_of(const ArrowSchema& schema) {
    if (!schema.dictionary) return plain_type_of(schema);
    const auto keys = number_of(format_of(schema));
    auto values = schema.dictionary->dictionary ? std::nullopt : plain_type_of(*schema.dictionary);
    if (!keys || is_real(*keys) || *keys == Number::boolean || !values || !values->is_text()) return std::nullopt;
    values->keys = keys;
    return values;
}

std::string name_of(const ArrowSchema& schema) {
    const std::string_view format = format_of(schema);
    if (schema.dictionary) return "dictionary of " + name_of(*schema.dictionary);
    for (const NumberFormat& known : number_formats)
        if (known.format == format) return std::string(known.name);
    for (const NamedFormat& known : other_formats)
        if (known.format == format) return std::string(known.name);
    const ArrowSchema* item = item_of(schema);
    const std::string items = item && item != &schema && !item->n_children ? "<" + name_of(*item) + ">" : "";
    if (format == "+l") return "list" + items;
    if (format == "+L") return "large_list" + items;
    if (format.starts_with("+w:")) return "fixed_size_list" + items;
    return "type '" + std::string(format) + "'";
}

}  // namespace embedloom::source
