// Holds the two readers of JSON lines against each other and against simdjson: who accepts what, and with which values.
#pragma once

#include "source/jsonl/tidy_lines.h"

#include "source/common/pages.h"
#include "source/common/utf8.h"
#include "support/json_oracle.h"

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
    padded.resize(line.size() + source::Pages::padding);
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
    if (careful.good && support::json_verdict(in) == support::JsonVerdict::wrong) return "simdjson calls it wrong";
    return "";
}

}  // namespace embedloom::source_tests
