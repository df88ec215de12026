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

/// Calls with the place of `value` on what they refuse.
template <class Body>
void with_place(const config::Value& value, Body body) try {
    body();
} catch (const base::Failure& failure) {
    if (failure.first().key_path != value.path) throw;
    throw base::Failure(config::error_at(value, failure.first()));
}

/// What batches and windows hold at least. All in one unit and rounded up, so that what a message says adds up.
class MemoryNeed {
  public:
    MemoryNeed(const config::Section& run, const RunPlan& plan, std::uint64_t batch_bytes, std::uint32_t lanes)
        : given_(run.at("memory")), bytes_(static_cast<std::uint64_t>(run.integer("memory"))), windows_(std::uint64_t{lanes} + plan.threads) {
        const std::uint64_t window_bytes = plan.order.window_bytes * row_bytes_per_text_byte;
        shift_ = std::min(batch_bytes, window_bytes) < (10 << 20) ? 10 : 20;
        batch_ = units(batch_bytes), window_ = units(window_bytes);
        const std::int64_t auto_slots = bytes_ >> shift_ >= windows_ * window_ + 3 * batch_ ? 3 : 2;
        slots_ = static_cast<std::uint64_t>(run.integer_or_word("batches").value_or(auto_slots));
    }

    std::uint64_t slots() const { return slots_; }

    void require() const {
        const std::uint64_t least = slots_ * batch_ + windows_ * window_;
        if (bytes_ >> shift_ >= least) return;
        throw base::Failure(config::error_at(
            given_, {.found = text(bytes_ >> shift_),
                     .expected = text(least) + ": " + std::to_string(slots_) + " batches of " + text(batch_) + " and " +
                                 std::to_string(windows_) + " windows of " + text(window_),
                     .hint = "make batch.size or segment.max_length smaller, or run.memory larger"}));
    }

  private:
    std::uint64_t units(std::uint64_t bytes) const { return (bytes + (std::uint64_t{1} << shift_) - 1) >> shift_; }
    std::string text(std::uint64_t number) const { return std::to_string(number) + (shift_ == 10 ? " KiB" : " MiB"); }

    const config::Value& given_;
    std::uint64_t bytes_, windows_, batch_ = 0, window_ = 0, slots_ = 0;
    int shift_ = 10;
};

std::uint32_t batch_size(const config::Spec& spec) { return static_cast<std::uint32_t>(spec.batch().integer("size")); }

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

void check_lanes(const config::Spec& spec) {
    if (const auto lanes = spec.run().integer_or_word("lanes"))
        with_place(spec.run().at("lanes"), [&] { loom::check_divisor(static_cast<std::uint32_t>(*lanes), batch_size(spec)); });
}

void check_memory(const config::Spec& spec, const RunPlan& plan, const BatchPlan& batches) {
    const auto lanes = static_cast<std::uint32_t>(spec.run().integer_or_word("lanes").value_or(1));
    MemoryNeed(spec.run(), plan, batches.batch_bytes(batch_size(spec)), lanes).require();
}

engine::Settings engine_settings(const config::Spec& spec, const RunPlan& plan, const BatchPlan& batches,
                                 std::uint64_t windows) {
    const config::Section& run = spec.run();
    const std::uint32_t size = batch_size(spec);
    const loom::LaneLimits limits{.batch = size, .windows = windows};
    std::uint32_t lanes = 0;
    if (const auto number = run.integer_or_word("lanes")) {
        lanes = static_cast<std::uint32_t>(*number);
        with_place(run.at("lanes"), [&] { loom::check_lanes(lanes, limits); });
    } else {
        lanes = loom::default_lanes({.limits = limits, .file_order = plan.order.shuffle == Shuffle::none,
                                     .window_bytes = plan.order.window_bytes});
    }
    const std::uint64_t estimate = plan.order.window_bytes * row_bytes_per_text_byte;
    const std::uint64_t least_windows = (std::uint64_t{lanes} + plan.threads) * estimate;
    const std::uint64_t batch_bytes = batches.batch_bytes(size), memory = static_cast<std::uint64_t>(run.integer("memory"));
    const MemoryNeed held(run, plan, batch_bytes, lanes);
    held.require();
    const std::uint64_t slots = held.slots();
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
