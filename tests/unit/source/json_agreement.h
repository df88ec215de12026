// Holds the two readers of JSON lines against each other and against simdjson: who accepts what, and with which values.
#pragma once

#include "source/jsonl/tidy_lines.h"

#include "source/common/utf8.h"

#include <simdjson.h>

#include <cstring>
#include <string>

namespace embedloom::source_tests {

/// What a reader says of a line: nothing when it refuses it.
struct Values {
    bool good = false;
    std::string text;
    std::int64_t label = 0;
    bool operator==(const Values&) const = default;
};

inline std::vector<source::WantedField> wanted_fields() {
    using Type = source::WantedField::Type;
    return {{.name = "text", .type = Type::text, .text = {}}, {.name = "label", .type = Type::integer, .text = {}}};
}

inline Values values_of(const std::vector<source::WantedField>& fields) {
    Values values{true, "", fields[1].integer};
    source::unescape(fields[0].text, [&](std::string_view piece) { values.text += piece; });
    return values;
}

/// What is wrong; empty when all is well.
inline std::string disagreement(std::string_view line) {
    std::string padded(line);
    padded.resize(line.size() + simdjson::SIMDJSON_PADDING);
    const std::string_view in(padded.data(), line.size());
    static source::TidyLines tidy_reader;
    auto fields = wanted_fields();
    Values tidy, careful;
    if (tidy_reader.read(in, fields)) tidy = values_of(fields);
    if (source::is_utf8(in)) try {
            fields = wanted_fields();
            source::read_json_line(in, fields, source::Surrogates::refuse);
            careful = values_of(fields);
        } catch (const source::Fault& fault) {
            if (fault.at > in.size()) return "a fault behind the line";
            if (fault.found.empty() || fault.expected.empty()) return "a fault without words";
        }
    if (tidy.good && tidy != careful) return "tidy and careful readers differ";
    if (careful.good && !source::is_utf8(careful.text)) return "a text that is no UTF-8";
    // What only the careful reader accepts: half characters in fields that are not used, whole numbers of more than 64 bits,
    // and the last of 64 levels.
    simdjson::dom::parser parser;
    const simdjson::error_code error = parser.parse(padded.data(), in.size(), false).error();
    const bool kinder = error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR;
    if (careful.good && error && !kinder) return std::string("simdjson: ") + simdjson::error_message(error);
    return "";
}

}  // namespace embedloom::source_tests
