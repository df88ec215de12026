// What simdjson says of a JSON text: the oracle for our own readers.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace embedloom::support {

enum class JsonVerdict {
    right,
    wrong,
    unsure,  ///< simdjson is stricter than the grammar here: half characters, whole numbers above 64 bits, deep nesting
};

inline JsonVerdict json_verdict(std::string_view text) {
    simdjson::dom::parser parser;
    const simdjson::error_code error = parser.parse(simdjson::padded_string(text)).error();
    if (!error) return JsonVerdict::right;
    const bool unsure = error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR;
    return unsure ? JsonVerdict::unsure : JsonVerdict::wrong;
}

}  // namespace embedloom::support
