// The life of an instance, and what surrounds each call into it.
#include <embedloom/host/stage.h>

#include <embedloom/host/instance_host.h>
#include <embedloom/host/kind.h>
#include <embedloom/host/problem_text.h>

#include <cstdio>
#include <cstdlib>

namespace embedloom::host {

namespace {

constexpr std::uint64_t most_problems = 65536;  // of one call: more would only fill memory

#ifndef NDEBUG
/// A call against the thread tags is a bug of ours; going on would corrupt the instance.
[[noreturn]] void stop(const std::string& plugin, const char* what) {
    std::fprintf(stderr, "%s: %s (the thread tags of the contract)\n", plugin.c_str(), what);
    std::abort();
}
#endif

}  // namespace

Instance::Instance(Making making, Services& services)
    : making_(std::move(making)), services_(services), plugin_(plugin_name(*making_.stage)),
      host_(std::make_unique<InstanceHost>(services, making_.path, making_.path + " (" + plugin_ + ")")),
      handle_{sizeof(el_stage_handle), making_.stage->kind, nullptr, making_.stage->functions}, scratch_(making_.workers) {}

std::shared_ptr<Instance> Instance::make(Making making, Services& services) {
    if (auto errors = check_values(*making.stage, making.values, making.path); !errors.empty())
        throw base::Failure(std::move(errors));
    const std::shared_ptr<Instance> made(new Instance(std::move(making), services));
    const el_stage& stage = made->stage();
    made->call(Tag::main, [&](const el_problems* problems) {
        return stage.create(made->host_->abi(), &made->handle_.instance, problems);
    }).or_throw();
    if (!made->handle_.instance) made->violation("create", "no instance", "one").or_throw();
    const AbiValues values(stage, made->making_.values);
    const Outcome outcome = made->call(Tag::main, [&](const el_problems* problems) {
        return stage.configure(made->handle_.instance, values.data(), values.size(), problems);
    });
    outcome.or_throw();
    for (const Problem& problem : outcome.problems)
        if (services.log) services.log(base::Severity::warning, base::one_line(problem.error));
    return made;
}

Instance::~Instance() {
    for (const Scratch& scratch : scratch_)
        if (scratch.object) stage().scratch_destroy(handle_.instance, scratch.object);
    if (handle_.instance) stage().destroy(handle_.instance);
}

std::vector<base::Error> Instance::changed_files() const {
    std::vector<base::Error> errors;
    for (const base::MappedFile& file : host_->files()) {
        if (file.is_unchanged()) continue;
        errors.push_back(error(base::Code::io));
        errors.back().source = file.path();
        errors.back().found = "a file that changed while it was in use";
        errors.back().expected = "one that stays as it is";
        errors.back().hint = "write a new file and rename it over the old one, between runs";
    }
    return errors;
}

void* Instance::scratch(std::uint32_t worker) {
    if (worker >= scratch_.size()) violation("a call", "worker " + std::to_string(worker), "fewer").or_throw();
    Scratch& mine = scratch_[worker];
    if (mine.is_made || !stage().scratch_create) return mine.object;
    const el_status status = stage().scratch_create(handle_.instance, &mine.object);
    if (status != EL_OK) {
        mine.object = nullptr;
        base::Error why = error(code_of(status));
        why.found = "working memory that could not be made";
        throw base::Failure(std::move(why));
    }
    mine.is_made = true;
    return mine.object;
}

base::Error Instance::error(base::Code code) const { return {.code = code, .stage = path(), .plugin = plugin_}; }

Outcome Instance::violation(const std::string& call, const std::string& what, const std::string& expected) const {
    base::Error found = error(base::Code::internal);
    found.found = what + " from " + call;
    found.expected = expected;
    found.hint = "this is a bug of the plugin; nothing of the call was used";
    return {EL_INTERNAL, {{EL_NONE, std::move(found)}}};
}

void Instance::collect(void* to, const el_problem* problem) {
    auto& collector = *static_cast<Collector*>(to);
    if (++collector.count > most_problems) return;
    try {
        ReadProblem read = read_problem(problem);
        read.error.stage = collector.instance->path();
        read.error.plugin = collector.instance->plugin();
        if (!read.parameter.empty()) read.error.key_path = read.error.stage + "." + read.parameter;
        collector.outcome->problems.push_back({read.record, std::move(read.error)});
    } catch (const std::bad_alloc&) {
        // No memory even to say what is wrong: the call's status still does.
    }
}

void Instance::note_exception(Outcome& outcome) {
    base::Error error{.found = "an exception that left the plugin", .expected = "a status",
                      .hint = "this is a bug of the plugin; the classes of the SDK would have caught it"};
    try {
        throw;
    } catch (const std::exception& thrown) {
        error.cause = thrown.what();
    } catch (...) {
        error.cause = "of an unknown type";
    }
    outcome.problems.push_back({EL_NONE, std::move(error)});
}

Outcome Instance::failed(const base::Failure& failure) const {
    Outcome outcome{static_cast<el_status>(failure.first().code), {}};
    for (const base::Error& error : failure.errors()) outcome.problems.push_back({EL_NONE, error});
    return outcome;
}

/// A failed call has a known status and a reason.
void Instance::complete(Outcome& outcome) const {
    base::Error reason = error(code_of(outcome.status));
    if (!is_known_status(outcome.status)) {
        reason.found = "status " + std::to_string(outcome.status);
        reason.expected = "a status of the contract";
        outcome = {EL_INTERNAL, {{EL_NONE, std::move(reason)}}};
        return;
    }
    for (Problem& problem : outcome.problems) {
        problem.error.stage = path();
        problem.error.plugin = plugin_;
    }
    if (!outcome.problems.empty() || outcome.status == EL_CANCELLED) return;
    reason.found = outcome.status == EL_RESOURCES ? "too little memory, or more results than the host's limit for one call"
                                                  : "a refusal without a reason";
    outcome.problems.push_back({EL_NONE, std::move(reason)});
}

Instance::CallScope::CallScope(Instance& instance, Tag tag) : instance_(instance), tag_(tag) {
    if (tag == Tag::serial || (tag == Tag::any_thread && instance.stage().concurrency == EL_SERIAL))
        lock_ = std::unique_lock(instance.serial_);
#ifndef NDEBUG
    std::int32_t none = 0;
    if (tag == Tag::main && !instance.running_.compare_exchange_strong(none, -1))
        stop(instance.plugin(), "a [main] call beside another call");
    if (tag != Tag::main && instance.running_.fetch_add(1) < 0)
        stop(instance.plugin(), "a call beside a [main] call");
#endif
}

Instance::CallScope::~CallScope() {
    if (tag_ == Tag::main) instance_.host_->end_of_call();
#ifndef NDEBUG
    tag_ == Tag::main ? instance_.running_.store(0) : void(instance_.running_.fetch_sub(1));
#endif
}

}  // namespace embedloom::host
