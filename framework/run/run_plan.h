// Threads, lanes, windows and memory of a run, chosen and checked.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/engine/engine.h>
#include <embedloom/run/batch_plan.h>
#include <embedloom/run/record_order.h>
#include <embedloom/run/session.h>
#include <embedloom/run/tally.h>

#include <optional>
#include <string>

namespace embedloom::run {

/// What can be said before the data is opened.
struct RunPlan {
    std::uint32_t threads = 1;
    std::string threads_why;
    std::optional<std::uint64_t> epochs;
    std::optional<std::uint64_t> steps;
    loom::Tail tail = loom::Tail::short_batch;
    BadRecordRule bad_records;
    RecordOrder::Settings order;
    bool serial = false;
};

RunPlan plan_run(const config::Spec& spec, const OpenOptions& options);

/// Epochs of an iteration that ends with an epoch. Throws base::Failure (config): `run.epochs: endless`, and steps.
std::uint64_t whole_epochs(const config::Spec& spec, const RunPlan& plan);

/// What can be said of run.lanes and run.memory before the data is opened: that lanes divide the batch, and that batches and windows
/// of as few lanes as the config allows have room. Throw base::Failure (config).
void check_lanes(const config::Spec& spec);
void check_memory(const config::Spec& spec, const RunPlan& plan, const BatchPlan& batches);

/// What the engine is started with, once the number of windows is known. Throws base::Failure (config): lanes that cannot be,
/// or batches and windows that run.memory cannot hold, with the sum.
engine::Settings engine_settings(const config::Spec& spec, const RunPlan& plan, const BatchPlan& batches,
                                 std::uint64_t windows);

/// Who holds how much of run.memory, for the message of a run that finds none left.
std::string memory_held(const engine::Settings& settings, std::uint64_t batch_bytes);

}  // namespace embedloom::run
