// The fast way through a line.
// link: simdjson
#include "tidy_lines.h"

#include "../common/label.h"

#include <simdjson.h>

namespace embedloom::source {

namespace {

constexpr std::size_t longest = 256 << 10;

bool take_value(const simdjson::dom::element& value, WantedField& field) {
    if (field.found) return false;
    field.found = true;
    switch (field.type) {
        case WantedField::Type::text:
            field.text.escaped = false;
            return value.get(field.text.raw) == simdjson::SUCCESS;
        case WantedField::Type::integer: return value.get(field.integer) == simdjson::SUCCESS;
        case WantedField::Type::number: return value.get(field.number) == simdjson::SUCCESS && is_finite_float(field.number);
    }
    return false;
}

}  // namespace

struct TidyLines::Parser {
    simdjson::dom::parser parser;
};

TidyLines::TidyLines() : parser_(std::make_unique<Parser>()) {
    if (parser_->parser.allocate(16 << 10, Cursor::max_depth) != simdjson::SUCCESS) throw std::bad_alloc();
}
TidyLines::~TidyLines() = default;

bool TidyLines::read(std::string_view line, std::vector<WantedField>& fields) {
    if (line.size() > longest) return false;
    simdjson::dom::object object;
    if (parser_->parser.parse(line.data(), line.size(), false).get(object) != simdjson::SUCCESS) return false;
    for (WantedField& field : fields) field.found = false;
    std::size_t found = 0;
    for (const auto& [key, value] : object)
        for (WantedField& field : fields)
            if (key == field.name) {
                if (!take_value(value, field)) return false;
                ++found;
            }
    return found == fields.size();
}

}  // namespace embedloom::source
