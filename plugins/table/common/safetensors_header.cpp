// Checks of a safetensors header, in the order of the reference reader, stricter where its text is.
// link: simdjson
#include "safetensors_header.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace embedloom::plugins {

namespace {

constexpr std::uint64_t most_header_bytes = 100'000'000;
constexpr std::size_t deepest = 8, most_rank = 64;

struct Entry {
    std::string_view name;
    std::string_view type;
    TensorPlace place;
};

[[noreturn]] void refuse(const std::string& where, std::string found, std::string expected, std::uint64_t byte = EL_NO_PLACE) {
    throw sdk::Error{.code = EL_BAD_DATA, .source = where, .byte = byte, .found = std::move(found),
                     .expected = std::move(expected)};
}

std::string shown(std::string_view name) {
    return "'" + std::string(name.substr(0, 80)) + (name.size() > 80 ? "...'" : "'");
}

/// Bytes of the JSON header.
std::uint64_t header_bytes(std::span<const std::byte> file, const std::string& where) {
    const std::string guess = looks_like(file);
    if (!guess.empty()) refuse(where, guess, "a safetensors file");
    std::uint64_t bytes = 0;
    if (file.size() < 8) refuse(where, std::to_string(file.size()) + " bytes", "a safetensors file: at least 8");
    std::memcpy(&bytes, file.data(), 8);
    if (bytes > most_header_bytes || bytes < 2 || bytes > file.size() - 8)
        refuse(where, "a header of " + std::to_string(bytes) + " bytes",
               "2 to 100000000, within the file's " + std::to_string(file.size()), 0);
    return bytes;
}

struct TypeName {
    std::string_view name;
    std::uint64_t bytes;
};
constexpr TypeName types[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
                              {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
                              {"U32", 4},  {"F32", 4}, {"I64", 8}, {"U64", 8},     {"F64", 8}};

std::uint64_t number_bytes(std::string_view type, std::string_view name, const std::string& where) {
    for (const TypeName& known : types)
        if (known.name == type) return known.bytes;
    refuse(where, "type " + shown(type) + " of tensor " + shown(name), "F32, F16, BF16 or another whole-byte type");
}

std::vector<std::uint64_t> numbers_of(simdjson::dom::element value, std::string_view what, const std::string& where) {
    simdjson::dom::array list;
    std::vector<std::uint64_t> out;
    if (value.get(list) != simdjson::SUCCESS) refuse(where, std::string(what) + " that is no list", "a list of integers");
    for (const simdjson::dom::element element : list) {
        std::uint64_t number = 0;
        if (element.get(number) != simdjson::SUCCESS || out.size() == most_rank)
            refuse(where, std::string(what) + " with a value that is negative, no integer, or the 65th", "integers from 0");
        out.push_back(number);
    }
    return out;
}

Entry entry_of(std::string_view name, simdjson::dom::element value, const std::string& where) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) refuse(where, "tensor " + shown(name) + " that is no object", "an object");
    Entry entry{.name = name};
    std::vector<std::uint64_t> offsets;
    unsigned seen = 0;
    const auto once = [&](unsigned bit, std::string_view key) {
        if (seen & bit) refuse(where, "key " + shown(key) + " twice in tensor " + shown(name), "each key once");
        seen |= bit;
    };
    for (const auto [key, inner] : object) {
        if (key == "dtype") {
            once(1, key);
            if (inner.get(entry.type) != simdjson::SUCCESS) refuse(where, "a dtype that is no text", "a type's name");
        } else if (key == "shape") {
            once(2, key);
            entry.place.shape = numbers_of(inner, "a shape", where);
        } else if (key == "data_offsets") {
            once(4, key);
            offsets = numbers_of(inner, "data_offsets", where);
        } else {
            refuse(where, "key " + shown(key) + " in tensor " + shown(name), "dtype, shape and data_offsets");
        }
    }
    if (seen != 7 || offsets.size() != 2 || offsets[1] < offsets[0])
        refuse(where, "tensor " + shown(name) + " without a whole dtype, shape and data_offsets", "all three, begin <= end");
    entry.place.begin = offsets[0];
    entry.place.bytes = offsets[1] - offsets[0];
    const auto bytes = bytes_of(entry.place.shape, number_bytes(entry.type, name, where));
    if (!bytes || *bytes != entry.place.bytes)
        refuse(where, "tensor " + shown(name) + " of " + std::to_string(entry.place.bytes) + " bytes",
               bytes ? std::to_string(*bytes) + " for shape " + shape_text(entry.place.shape) : "a shape that fits 64 bits");
    return entry;
}

std::vector<Entry> entries_of(simdjson::dom::object header, const std::string& where) {
    std::vector<Entry> entries;
    std::unordered_set<std::string_view> names;
    for (const auto [key, value] : header) {
        if (!names.insert(key).second) refuse(where, "name " + shown(key) + " twice", "each name once");
        if (key != "__metadata__") {
            entries.push_back(entry_of(key, value, where));
            continue;
        }
        simdjson::dom::object texts;
        if (value.get(texts) != simdjson::SUCCESS) refuse(where, "__metadata__ that is no object", "a map of texts");
        for (const auto [name, text] : texts)
            if (!text.is_string()) refuse(where, "metadata " + shown(name) + " that is no text", "a map of texts");
    }
    return entries;
}

/// Offsets must cover [0, data_bytes) without hole or overlap.
void check_cover(std::vector<Entry> entries, std::uint64_t data_bytes, const std::string& where) {
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::pair(a.place.begin, a.place.bytes) < std::pair(b.place.begin, b.place.bytes);
    });
    std::uint64_t end = 0;
    for (const Entry& entry : entries) {
        if (entry.place.begin != end)
            refuse(where, "tensor " + shown(entry.name) + " at data byte " + std::to_string(entry.place.begin),
                   "data byte " + std::to_string(end) + ": no hole and no overlap");
        if (entry.place.bytes > data_bytes - end)
            refuse(where, "tensor " + shown(entry.name) + " beyond the end of the file", "a whole file: is it cut?");
        end += entry.place.bytes;
    }
    if (end != data_bytes)
        refuse(where, std::to_string(data_bytes - end) + " bytes after the last tensor", "no trailing bytes");
}

std::string names_of(const std::vector<Entry>& entries) {
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(entries.size(), 12); ++i)
        out += (i ? ", " : "") + std::string(entries[i].name.substr(0, 80));
    return out + (entries.size() > 12 ? ", ..." : "");
}

}  // namespace

TensorPlace find_tensor(std::span<const std::byte> file, std::string_view name, const std::string& where) {
    const std::uint64_t bytes = header_bytes(file, where);
    const simdjson::padded_string text(reinterpret_cast<const char*>(file.data()) + 8, bytes);
    simdjson::dom::parser parser;
    simdjson::dom::object header;
    if (parser.allocate(bytes, deepest) != simdjson::SUCCESS) throw std::bad_alloc();
    const auto problem = parser.parse(text).get(header);
    if (problem != simdjson::SUCCESS || text.data()[0] != '{')
        refuse(where,
               problem ? "a header that is not one JSON object: " + std::string(simdjson::error_message(problem))
                       : "white space before the header's JSON",
               "JSON that begins with {", 8);
    const std::vector<Entry> entries = entries_of(header, where);
    check_cover(entries, file.size() - 8 - bytes, where);
    for (const Entry& entry : entries) {
        if (entry.name != name) continue;
        if (entry.type != "F32" && entry.type != "F16" && entry.type != "BF16")
            throw sdk::Error{.source = where, .found = "tensor " + shown(name) + " of type " + std::string(entry.type),
                             .expected = "F32, F16 or BF16"};
        TensorPlace place = entry.place;
        place.dtype = entry.type == "F32" ? EL_F32 : entry.type == "F16" ? EL_F16 : EL_BF16;
        place.begin += 8 + bytes;
        return place;
    }
    throw sdk::Error{.source = where, .found = "no tensor named " + shown(name), .expected = "one of the file's tensors",
                     .hint = "it has " + names_of(entries)};
}

}  // namespace embedloom::plugins
