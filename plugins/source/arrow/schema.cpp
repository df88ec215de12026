// Looking for columns.
#include "schema.h"

#include "type.h"

#include <algorithm>

namespace embedloom::source {

Schema::Schema(const ArrowSchema& schema) : schema_(schema) {
    if (schema.dictionary || name_of(schema) != "struct" || (schema.n_children > 0 && !schema.children))
        throw sdk::Error{.found = "records of type " + name_of(schema), .expected = "a table: a struct of columns",
                         .hint = "give a column as a table: {\"text\": column}"};
}

std::optional<std::uint32_t> Schema::find(std::string_view parameter, const sdk::Values& values) const {
    const std::string_view wanted = values.text(parameter);
    std::optional<std::uint32_t> found;
    for (std::int64_t i = 0; i < schema_.n_children; ++i) {
        if (!schema_.children[i] || name(i) != wanted) continue;
        if (found) values.refuse(parameter, {.found = "two columns '" + std::string(wanted) + "'", .expected = "one"});
        found = static_cast<std::uint32_t>(i);
    }
    if (!found) values.refuse(parameter, {.found = "no column '" + std::string(wanted) + "' in the records", .expected = "one of " + names()});
    return found;
}

std::string_view Schema::name(std::int64_t child) const {
    const ArrowSchema* column = schema_.children[child];
    return column && column->name ? column->name : "";
}

std::string Schema::names() const {
    constexpr std::int64_t most = 20;
    std::string out;
    for (std::int64_t i = 0; i < std::min(schema_.n_children, most); ++i) out += (i ? ", " : "") + std::string(name(i));
    return schema_.n_children <= 0 ? "none: it has no columns" : schema_.n_children > most ? out + ", ..." : out;
}

}  // namespace embedloom::source
