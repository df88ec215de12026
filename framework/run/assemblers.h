// What a config's embedding part makes of its tables: the kernels that fill batches.
#pragma once

#include <embedloom/embed/assembler.h>
#include <embedloom/run/batch_plan.h>
#include <embedloom/run/stages.h>

#include <optional>
#include <vector>

namespace embedloom::run {

/// Rows [0, count) of the position stage: [count, width]; empty where it adds no vectors.
std::vector<float> positions_of(const Stages& stages, std::uint32_t width, std::uint64_t count);

/// Those that batches can have: [longest, width].
std::vector<float> positions_of(const Stages& stages, const BatchPlan& plan);

/// The one row of a norm's table; empty where there is none.
std::vector<float> vector_of(const std::optional<host::TableStage>& table);

/// token + position + segment, scale and norm.
embed::Assembler assembler_of(const config::Section& embedding, const Stages& stages);

/// Token rows alone.
embed::Assembler words_of(const config::Section& embedding, const Stages& stages);

}  // namespace embedloom::run
