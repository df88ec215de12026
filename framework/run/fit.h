// Whether the tables of an embedding fit each other, the tokenizer, the segments and the positions.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/run/stages.h>

#include <vector>

namespace embedloom::run {

/// Where findings go.
struct Findings {
    std::vector<base::Error>& errors;
    std::vector<base::Error>& notes;
};

/// Checks widths, rows against ids, segment ids and positions (`longest`: S of the longest batch). Sets the position stage's width.
void check_embedding(const config::Spec& spec, Stages& stages, std::uint32_t longest, Findings findings);

}  // namespace embedloom::run
