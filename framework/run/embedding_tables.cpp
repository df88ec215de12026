// Copying of tables into float32 tensors.
#include <embedloom/embed/convert.h>
#include <embedloom/run/assemblers.h>
#include <embedloom/run/embedding_tables.h>

#include <algorithm>
#include <cstring>

namespace embedloom::run {

namespace {

Tensor float_tensor(std::vector<std::uint64_t> shape, std::string name) {
    Tensor out{.name = std::move(name), .dtype = EL_F32, .shape = std::move(shape)};
    out.memory.require(std::max<std::uint64_t>(1, out.bytes()));
    return out;
}

Tensor widened(const std::optional<host::TableStage>& table, const std::string& name) {
    if (!table) return {};
    const embed::TableView view = view_of(*table);
    Tensor out = float_tensor({view.rows, view.width}, name);
    auto* to = reinterpret_cast<float*>(out.data());
    for (std::uint64_t row = 0; row < view.rows; ++row)
        embed::widen(view.data + row * view.stride_bytes, view.dtype, view.width, to + row * view.width);
    return out;
}

Tensor copied(const std::vector<float>& numbers, std::vector<std::uint64_t> shape, const std::string& name) {
    if (numbers.empty()) return {};
    Tensor out = float_tensor(std::move(shape), name);
    std::memcpy(out.data(), numbers.data(), out.bytes());
    return out;
}

bool has_table(const config::Section& position) {
    return std::ranges::any_of(position.values, [](const config::Value& value) { return value.type == config::Type::stage && value.is_set(); });
}

/// A table is given whole, as it must fit where it came from and runs of other lengths; a formula is given for the longest rows.
Tensor positions_in(const Stages& stages, const BatchPlan& plan, bool is_table) {
    const bool is_whole = is_table && stages.position->max_positions() != UINT64_MAX;
    const std::uint64_t count = is_whole ? stages.position->max_positions() : plan.longest;
    return copied(positions_of(stages, plan.width, count), {count, plan.width}, "positions");
}

}  // namespace

EmbeddingTables embedding_tables(const config::Spec& spec, const Stages& stages, const BatchPlan& plan) {
    const config::Section* embedding = spec.embedding();
    if (!embedding)
        throw base::Failure({.code = base::Code::config, .source = spec.file, .found = "no 'embedding'",
                             .expected = "a config with an embedding"});
    const EmbeddingStages& tables = stages.embedding;
    const std::uint64_t width = plan.width;
    const bool is_learned = spec.position() && has_table(*spec.position());
    EmbeddingTables out{.token = widened(tables.token, "token"), .segment = widened(tables.segment, "segment"),
                        .positions = positions_in(stages, plan, is_learned),
                        .weight = copied(vector_of(tables.norm_weight), {width}, "weight"),
                        .bias = copied(vector_of(tables.norm_bias), {width}, "bias"),
                        .has_learned_positions = is_learned, .scale = embedding->number("scale"), .dtype = embedding->text("dtype")};
    if (const config::Section* norm = embedding->section("norm")) {
        out.norm = norm->text("type");
        out.epsilon = norm->number("eps");
    }
    return out;
}

}  // namespace embedloom::run
