// Row templates such as "[CLS] $A [SEP] $B:1 [SEP]:1": what stands where in a row, and which segment it belongs to.
#pragma once

#include <embedloom/sdk/segment.h>

#include <vector>

namespace embedloom::plugins {

/// One element of a template: a field of the record ($A, $B) or a literal token.
struct TemplateItem {
    std::uint32_t field;    ///< 0 for $A, 1 for $B, EL_LITERAL for a token
    std::uint32_t token;    ///< of a literal
    std::uint32_t segment;  ///< the number after ':', 0 without one
};

/// A template whose tokens have been found in the vocabulary.
struct Template {
    std::vector<TemplateItem> items;
    std::uint32_t literal_count = 0;
    std::uint32_t segment_count = 1;  ///< largest segment + 1
};

/// Reads the parameter `template`. `fields`: 1 if only $A may stand in it, 2 if $A and $B must, once each. What is wrong
/// (an unknown token, a field missing or twice, a segment that is no number) is refused by the parameter's name.
Template parse_template(const sdk::Values& values, const sdk::Host& host, std::uint32_t fields);

/// Writes one row: items in order, field f shortened to lengths[f] tokens.
void plan_row(sdk::Planning& call, const Template& row, std::uint32_t record, std::span<const std::uint32_t> lengths);

}  // namespace embedloom::plugins
