// From stages to kernels.
#include <embedloom/embed/convert.h>
#include <embedloom/run/assemblers.h>

#include <numeric>

namespace embedloom::run {

namespace {

embed::Dtype out_dtype(const config::Section& embedding) {
    const std::string& word = embedding.text("dtype");
    return word == "float16"    ? embed::Dtype::float16
           : word == "bfloat16" ? embed::Dtype::bfloat16
                                : embed::Dtype::float32;
}

}  // namespace

std::vector<float> vector_of(const std::optional<host::TableStage>& table) {
    if (!table) return {};
    const embed::TableView view = view_of(*table);
    std::vector<float> out(view.width);
    embed::widen(view.data, view.dtype, view.width, out.data());
    return out;
}

std::vector<float> positions_of(const Stages& stages, std::uint32_t width, std::uint64_t count) {
    if (!stages.position || stages.position->form() != EL_POSITION_VECTORS || !width) return {};
    std::vector<std::int64_t> ids(count);
    std::iota(ids.begin(), ids.end(), 0);
    std::vector<float> out(count * width);
    stages.position->encode(ids, out).or_throw();
    return out;
}

std::vector<float> positions_of(const Stages& stages, const BatchPlan& plan) { return positions_of(stages, plan.width, plan.longest); }

embed::Assembler assembler_of(const config::Section& embedding, const Stages& stages) {
    embed::Recipe recipe{.token = view_of(*stages.embedding.token), .scale = static_cast<float>(embedding.number("scale")),
                         .out = out_dtype(embedding)};
    if (stages.embedding.segment) recipe.segment = view_of(*stages.embedding.segment);
    const std::vector<float> weight = vector_of(stages.embedding.norm_weight), bias = vector_of(stages.embedding.norm_bias);
    if (const config::Section* norm = embedding.section("norm"))
        recipe.norm = {.kind = norm->text("type") == "rms_norm" ? embed::NormKind::rms_norm : embed::NormKind::layer_norm,
                       .weight = weight.empty() ? nullptr : weight.data(), .bias = bias.empty() ? nullptr : bias.data(),
                       .epsilon = norm->number("eps")};
    return embed::Assembler(recipe);
}

embed::Assembler words_of(const config::Section& embedding, const Stages& stages) {
    return embed::Assembler({.token = view_of(*stages.embedding.token), .out = out_dtype(embedding)});
}

}  // namespace embedloom::run
