// What people are told of a session's stages and files.
#pragma once

#include <embedloom/host/source_stage.h>
#include <embedloom/run/batch_plan.h>
#include <embedloom/run/run_plan.h>
#include <embedloom/run/stages.h>

#include <optional>
#include <string>
#include <vector>

namespace embedloom::run {

/// A line for each stage, for `check`.
std::vector<std::string> lines_of(const Stages& stages, const BatchPlan& plan, const RunPlan& run);

/// Throws base::Failure (config) where the sink would write into a folder that the source reads whole: the next run would read batches.
void check_sink_folder(const config::Spec& spec);

/// Looks at every number of every table, positions too; those that are not finite are added to `errors`.
void scan_tables(const Stages& stages, const BatchPlan& plan, std::vector<base::Error>& errors);

/// The remark on the first damaged file, where there is one.
std::optional<base::Error> damage_of(const host::Extent& extent);

}  // namespace embedloom::run
