// Reading and filling of row templates.
#include "template.h"

#include <algorithm>
#include <charconv>

namespace embedloom::plugins {

namespace {

constexpr std::uint32_t most_segments = 1 << 16;

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// "$B:1" -> ("$B", 1); "[SEP]" -> ("[SEP]", 0). A colon without digits belongs to the word.
struct Word {
    std::string_view name;
    std::uint32_t segment = 0;
};
Word split_segment(std::string_view word) {
    const std::size_t colon = word.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == word.size()) return {word};
    std::uint32_t segment = 0;
    const auto* end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data() + colon + 1, end, segment);
    return error == std::errc{} && stop == end ? Word{word.substr(0, colon), segment} : Word{word};
}

std::optional<std::uint32_t> field_of(std::string_view name) {
    if (name == "$A") return 0;
    if (name == "$B") return 1;
    return std::nullopt;
}

void check_fields(const sdk::Values& values, const Template& row, std::uint32_t fields) {
    for (std::uint32_t field = 0; field < 2; ++field) {
        const auto uses = std::count_if(row.items.begin(), row.items.end(),
                                        [&](const TemplateItem& item) { return item.field == field; });
        const std::string name = field ? "$B" : "$A";
        if (field < fields && uses != 1)
            values.refuse("template", {.found = name + " " + std::to_string(uses) + " times", .expected = name + " once"});
        if (field >= fields && uses)
            values.refuse("template", {.found = name, .expected = "$A only", .hint = "pairs are `use: pair`"});
    }
}

}  // namespace

Template parse_template(const sdk::Values& values, const sdk::Host& host, std::uint32_t fields) {
    Template row;
    for (const std::string_view text : words_of(values.text("template"))) {
        const Word word = split_segment(text);
        if (word.segment >= most_segments)
            values.refuse("template", {.found = std::string(text), .expected = "segment numbers below 65536"});
        const auto field = field_of(word.name);
        const auto token = field ? std::nullopt : host.find_token(word.name);
        if (!field && !token)
            values.refuse("template", {.found = "'" + std::string(word.name) + "', which the vocabulary does not have",
                                       .expected = "$A, $B, or a token of the tokenizer",
                                       .hint = "write the template with this model's own special tokens"});
        row.items.push_back({field.value_or(EL_LITERAL), token.value_or(0), word.segment});
        row.literal_count += !field;
        row.segment_count = std::max(row.segment_count, word.segment + 1);
    }
    check_fields(values, row, fields);
    return row;
}

void plan_row(sdk::Planning& call, const Template& row, std::uint32_t record, std::span<const std::uint32_t> lengths) {
    for (const TemplateItem& item : row.items) {
        if (item.field == EL_LITERAL)
            call.literal(item.token, record, item.segment);
        else if (lengths[item.field])
            call.tokens({item.field, record, 0, lengths[item.field], item.segment, 0});
    }
    call.end_row();
}

}  // namespace embedloom::plugins
