// Looking at stages before and after the data is opened.
#include <embedloom/run/assemblers.h>
#include <embedloom/run/inspection.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace embedloom::run {

namespace {

/// Whether `path` is `folder` or below it, with no hidden folder between, which sources leave out.
bool is_read_with(const std::string& folder, const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path from = fs::weakly_canonical(folder, error), to = fs::weakly_canonical(path, error);
    if (error) return false;
    const fs::path between = to.lexically_relative(from);
    if (between == ".") return true;
    return !between.empty() && std::ranges::none_of(between, [](const fs::path& step) { return step.native().starts_with('.'); });
}

}  // namespace

std::vector<std::string> lines_of(const Stages& stages, const BatchPlan& plan, const RunPlan& run) {
    std::vector<std::string> lines;
    lines.push_back("source     " + stages.source->instance().plugin());
    lines.push_back("tokenizer  " + stages.tokenizer->instance().plugin() + ", " +
                    std::to_string(stages.tokenizer->vocabulary().vocab_size) + " tokens");
    lines.push_back("segment    " + stages.segment->instance().plugin() + ", rows of at most " +
                    std::to_string(stages.segment->facts().max_length) + " tokens");
    if (stages.objective) lines.push_back("objective  " + stages.objective->instance().plugin());
    if (stages.position) lines.push_back("position   " + stages.position->instance().plugin());
    if (plan.width) lines.push_back("embedding  " + std::to_string(plan.width) + " wide");
    std::string names;
    for (const TensorPlan& tensor : plan.tensors) names += (names.empty() ? "" : ", ") + tensor.name;
    lines.push_back("batch      " + names);
    lines.push_back("threads    " + run.threads_why);
    if (stages.sink) lines.push_back("sink       " + stages.sink->instance().plugin());
    return lines;
}

void check_sink_folder(const config::Spec& spec) {
    if (!spec.sink() || !spec.root.has("source")) return;
    for (const config::Value& target : spec.sink()->values) {
        if (target.type != config::Type::directory || !target.is_set()) continue;
        for (const config::Value& data : spec.source().values)
            for (const std::string& folder : data.folders)
                if (is_read_with(folder, std::get<std::string>(target.data)))
                    throw base::Failure(config::error_at(target, {.found = "a folder in '" + folder + "', which " + data.path + " reads whole",
                                                                  .expected = "a folder beside the data",
                                                                  .hint = "the next run would read the batches of this one"}));
    }
}

void scan_tables(const Stages& stages, const BatchPlan& plan, std::vector<base::Error>& errors) {
    const auto scan = [&](const std::optional<host::TableStage>& table) {
        if (!table) return;
        const host::Outcome outcome = table->finite();
        for (const host::Problem& problem : outcome.problems) errors.push_back(problem.error);
    };
    scan(stages.embedding.token);
    scan(stages.embedding.segment);
    scan(stages.embedding.norm_weight);
    scan(stages.embedding.norm_bias);
    const std::vector<float> positions = positions_of(stages, plan);
    const auto bad = std::ranges::find_if(positions, [](float value) { return !std::isfinite(value); });
    if (bad == positions.end()) return;
    const auto at = static_cast<std::size_t>(bad - positions.begin());
    errors.push_back({.code = base::Code::bad_data, .plugin = stages.position->instance().plugin(), .key_path = "position",
                      .found = std::to_string(*bad) + " at position " + std::to_string(at / plan.width) + ", column " +
                               std::to_string(at % plan.width),
                      .expected = "finite numbers"});
}

std::optional<base::Error> damage_of(const host::Extent& extent) {
    if (std::ranges::none_of(extent.files, &host::SourceFile::is_damaged)) return std::nullopt;
    for (const base::Error& remark : extent.remarks)
        if (remark.code == base::Code::bad_data) return remark;
    return base::Error{.code = base::Code::bad_data, .stage = "source", .found = "a damaged file", .expected = "whole files"};
}

}  // namespace embedloom::run
