// Choices of a run.
#include <embedloom/engine/threads.h>
#include <embedloom/loom/lanes.h>
#include <embedloom/run/run_plan.h>

#include <algorithm>

namespace embedloom::run {

namespace {

/// Bytes of rows and working memory for each byte of text, generously: a token of English is 4 to 5 bytes of text and takes 4 of
/// ids, 4 of segment, special and text numbers, 8 of labels, 8 of offsets.
constexpr std::uint64_t row_bytes_per_text_byte = 8;
constexpr std::uint64_t default_window_bytes = 64 << 10;

Shuffle shuffle_of(const std::string& word) {
    return word == "true" ? Shuffle::exact : word == "blocks" ? Shuffle::blocks : Shuffle::none;
}

BadRecordRule rule_of(const config::Section& on_error) {
    const std::string& word = on_error.text("policy");
    const BadRecords policy = word == "skip" ? BadRecords::skip
                              : word == "quarantine" ? BadRecords::quarantine
                                                     : BadRecords::fail;
    return {policy, on_error.number("at_most")};
}

std::string mib(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

}  // namespace

RunPlan plan_run(const config::Spec& spec, const OpenOptions& options) {
    const config::Section& run = spec.run();
    RunPlan plan;
    const auto threads = options.threads ? std::optional<std::int64_t>(*options.threads) : run.integer_or_word("threads");
    if (threads) {
        plan.threads = static_cast<std::uint32_t>(std::max<std::int64_t>(1, *threads));
        plan.threads_why = std::to_string(plan.threads) + ": run.threads";
    } else {
        const engine::ThreadChoice choice = engine::choose_threads();
        plan.threads = choice.threads;
        plan.threads_why = choice.why;
    }
    if (const auto epochs = run.integer_or_word("epochs")) plan.epochs = static_cast<std::uint64_t>(*epochs);
    if (options.steps)
        plan.steps = options.steps;
    else if (run.has("steps"))
        plan.steps = static_cast<std::uint64_t>(run.integer("steps"));
    const std::string& tail = spec.batch().text("tail");
    plan.tail = tail == "drop" ? loom::Tail::drop : tail == "wrap" ? loom::Tail::wrap : loom::Tail::short_batch;
    plan.bad_records = rule_of(*run.section("on_error"));
    plan.order = {.shuffle = shuffle_of(run.text("shuffle")), .seed = static_cast<std::uint64_t>(run.integer("seed")),
                  .window_bytes = static_cast<std::uint64_t>(run.integer_or_word("window_bytes").value_or(default_window_bytes)),
                  .threads = plan.threads};
    plan.serial = run.text("engine") == "serial";
    return plan;
}

std::uint64_t whole_epochs(const config::Spec& spec, const RunPlan& plan) {
    const auto refuse = [&](const std::string& key, std::string found, std::string expected) {
        const config::Section& run = spec.run();
        base::Error error{.code = base::Code::config, .key_path = "run." + key, .found = std::move(found), .expected = std::move(expected),
                          .hint = "the end of the iteration must be that of an epoch"};
        throw base::Failure(run.has(key) ? config::error_at(run.at(key), std::move(error)) : std::move(error));
    };
    if (plan.steps) refuse("steps", std::to_string(*plan.steps), "no steps");
    if (!plan.epochs) refuse("epochs", "endless", "a number of epochs");
    return *plan.epochs;
}

engine::Settings engine_settings(const config::Spec& spec, const RunPlan& plan, const BatchPlan& batches,
                                 std::uint64_t windows) {
    const config::Section& run = spec.run();
    const auto size = static_cast<std::uint32_t>(spec.batch().integer("size"));
    const loom::LaneLimits limits{.batch = size, .windows = windows};
    std::uint32_t lanes = 0;
    if (const auto number = run.integer_or_word("lanes")) {
        lanes = static_cast<std::uint32_t>(*number);
        loom::check_lanes(lanes, limits);
    } else {
        lanes = loom::default_lanes({.limits = limits, .file_order = plan.order.shuffle == Shuffle::none,
                                     .window_bytes = plan.order.window_bytes});
    }
    const std::uint64_t estimate = plan.order.window_bytes * row_bytes_per_text_byte;
    const std::uint64_t least_windows = (std::uint64_t{lanes} + plan.threads) * estimate;
    const std::uint64_t batch_bytes = batches.batch_bytes(size), memory = static_cast<std::uint64_t>(run.integer("memory"));
    const std::uint64_t auto_slots = memory >= least_windows + 3 * batch_bytes ? 3 : 2;
    const std::uint64_t slots = static_cast<std::uint64_t>(run.integer_or_word("batches").value_or(static_cast<std::int64_t>(auto_slots)));
    if (memory < least_windows + slots * batch_bytes)
        throw base::Failure(config::error_at(
            run.at("memory"), {.found = mib(memory),
                               .expected = mib(least_windows + slots * batch_bytes) + ": " +
                                           std::to_string(slots) + " batches of " + mib(batch_bytes) + " and " +
                                           std::to_string(lanes + plan.threads) + " windows of " + mib(estimate),
                               .hint = "make batch.size or segment.max_length smaller, or run.memory larger"}));
    // A few windows ahead of each thread keep it busy; more would only hold memory.
    const std::uint64_t wanted_windows = least_windows + 2 * plan.threads * estimate;
    const std::uint64_t budget = std::min(memory - slots * batch_bytes, wanted_windows);
    engine::Settings settings;
    settings.shape = {.windows = windows, .lanes = lanes, .batch = size, .epochs = plan.epochs, .tail = plan.tail,
                      .steps = plan.steps};
    settings.start = loom::start(settings.shape);
    settings.threads = plan.threads;
    settings.batch_slots = static_cast<std::uint32_t>(slots);
    settings.window_budget_bytes = budget;
    settings.window_estimate_bytes = estimate;
    return settings;
}

std::string memory_held(const engine::Settings& settings, std::uint64_t batch_bytes) {
    return std::to_string(settings.batch_slots) + " batches of " + mib(batch_bytes) + " and windows of up to " +
           mib(settings.window_budget_bytes) + " beside the tables";
}

}  // namespace embedloom::run
