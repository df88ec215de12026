// How a session comes to run, goes on from a state, and ends.
#include <embedloom/engine/border.h>
#include <embedloom/engine/threads.h>
#include <embedloom/run/advice.h>
#include <embedloom/run/cache_file.h>
#include <embedloom/run/description.h>
#include <embedloom/run/fingerprint.h>
#include <embedloom/run/inspection.h>
#include <embedloom/run/line_of.h>
#include <embedloom/run/plugin_folders.h>
#include <embedloom/run/resume.h>
#include <embedloom/run/session_parts.h>

#include <algorithm>
#include <utility>

namespace embedloom::run {

namespace {

/// Beside those of the engine's threads: the caller's, who may ask for a record, and that of counting during the run.
constexpr std::uint32_t own_workers = 2;

/// Whether there is enough of a config to look for more mistakes than those found. After a hundred nobody wants more.
bool can_be_judged(const config::Spec& spec, const std::vector<base::Error>& mistakes) {
    constexpr std::size_t many = 100;
    return mistakes.empty() ||
           (mistakes.size() < many && !spec.root.values.empty() && spec.root.has("batch") && spec.root.has("run") && spec.run().has("cache"));
}

/// Mistakes of the config and those that only its stages found, by line where there are both. Nothing where there are none.
void throw_all(std::vector<base::Error> mistakes, std::vector<base::Error> errors) {
    if (mistakes.empty() && !errors.empty()) throw base::Failure(std::move(errors));
    config::Mistakes all;
    all.add(mistakes);
    all.add(errors);
    all.throw_if_any();
}

/// What is being handled: a thread that cannot be started and a lack of memory are failures too.
base::Failure current_failure() try {
    throw;
} catch (const base::Failure& failure) {
    return failure;
} catch (...) {
    return base::Failure(engine::current_error("run"));
}

/// What `body` refuses is told with the rest.
template <class Body>
void collect(std::vector<base::Error>& errors, Body body) try {
    body();
} catch (const base::Failure& failure) {
    errors.insert(errors.end(), failure.errors().begin(), failure.errors().end());
}

}  // namespace

void Session::Parts::check(const config::Document& document) {
    const std::vector<host::Folder> folders = plugin_folders(options.plugin_folders, document.plugin_folders, options.home);
    registry = std::make_unique<host::Registry>(folders);
    config::Catalogue catalogue = catalogue_of(*registry);
    for (base::Error broken : registry->broken()) {
        broken.severity = base::Severity::warning;
        if (options.log) options.log(base::Severity::warning, "a plugin that is left out: " + base::one_line(broken));
        summary.notes.push_back(std::move(broken));
    }
    for (const host::Folder& folder : folders) catalogue.add_place(folder.path);
    config::Checked checked = config::check_all(document, catalogue);
    spec = std::move(checked.spec);
    if (!can_be_judged(spec, checked.mistakes)) throw base::Failure(std::move(checked.mistakes));
    run = plan_run(spec, options);
    std::vector<base::Error> errors;
    collect(errors, [&] { rank = choose_rank(options.rank, options.world_size, environment_of_process); });
    stages.services.log = options.log;
    stages.services.is_cancelled = [this] { return cancel && cancel->is_requested(); };
    stages.services.cache = spec.run().text("cache");
    if (options.records) stages.services.records = &options.records->view();
    make_stages({.spec = &spec, .registry = registry.get(), .workers = run.threads + own_workers, .without_sink = options.without_sink,
                 .told = checked.mistakes}, stages, errors);
    if (stages.source && options.records && !stages.services.records_are_taken) errors.push_back(records_not_taken(spec));
    if (!options.without_sink) collect(errors, [&] { check_sink_folder(spec); });
    plan = plan_batches(spec, stages, errors, summary.notes);
    if (!is_told(checked.mistakes, "batch") && !is_told(checked.mistakes, "run")) {
        collect(errors, [&] { check_lanes(spec); });
        if (stages.segment) collect(errors, [&] { check_memory(spec, run, plan); });
    }
    if (errors.empty() && checked.mistakes.empty() && options.scan_tables) scan_tables(stages, plan, errors);
    throw_all(std::move(checked.mistakes), std::move(errors));
    summary.lines = lines_of(stages, plan, run);
    if (rank.world > 1) summary.lines.push_back("rank       " + rank.why);
}

BatchLayout Session::Parts::layout() {
    BatchLayout out{.tensors = plan.tensors, .padding = plan.padding};
    for (const host::SourceFile& file : stages.source->extent().files) out.files.push_back({file.begin, std::filesystem::path(file.path).lexically_normal()});
    if (plan.emits(Content::embeddings)) {
        out.embeddings = &embeddings.emplace(assembler_of(*spec.embedding(), stages));
        out.positions = positions_of(stages, plan);
        out.segments = stages.embedding.segment.has_value();
    }
    if (plan.emits(Content::word_embeddings)) out.words = &words.emplace(words_of(*spec.embedding(), stages));
    return out;
}

void Session::Parts::open_data() {
    const host::Extent& extent = stages.source->open();
    for (const base::Error& remark : extent.remarks)
        if (options.log) options.log(base::Severity::warning, base::one_line(remark));
    damage = damage_of(extent);
    summary.fingerprint = fingerprint_of(spec, stages);
    check_same_run(summary.fingerprint, options.fingerprint);
    const auto log = [this](const std::string& text) {
        if (options.log) options.log(base::Severity::warning, text);
    };
    order.emplace(*stages.source, run.order, RecordOrder::Scan{source_settings(spec), stages.services.cache, stages.services.is_cancelled, log});
}

void Session::Parts::start() {
    constexpr std::uint32_t own_threads = 2;  // one waits for a request to stop, one drives the graph
    engine::require_threads(run.threads + own_threads);
    cancel = std::make_unique<Cancel>([this] {
        const std::lock_guard lock(running_mutex);
        if (running) running->cancel();
    });
    listening = cancel.get();
    if (const int reason = asked_to_stop) cancel->request(static_cast<base::Code>(reason));
    open_data();
    settings = engine_settings(spec, run, plan, order->windows());
    settings.shape.rank = rank.rank;
    settings.shape.world = rank.world;
    loom::check_shape(settings.shape);
    whole = settings.shape;
    say_score(options.log, *order, whole);
    say_ranks(options.log, rank, whole);
    windows.emplace(stages, *order, clock,
                    WindowMaker::Settings{.seed = run.order.seed, .bad_records = run.bad_records.policy, .wants = plan.wants,
                                          .workers = settings.threads + own_workers});
    strips.emplace(layout(), clock, settings.threads);
    loom::Ledger ledger = options.state.empty() ? loom::Ledger{} : go_on();
    if (!options.state.empty()) resumed = ledger;
    if (one_epoch) ledger = aim_at(*one_epoch);
    count_rows();
    begin(ledger);
    if (stages.sink) sink.emplace(*stages.sink, SinkWriter::Run{summary.fingerprint, rank.rank, rank.world, !options.state.empty(), settings.start.step});
}

/// Where the stream begins, from the state that the caller gave.
loom::Ledger Session::Parts::go_on() {
    const auto [checkpoint, is_changed] =
        resume_from(options.state, {.shape = settings.shape, .fingerprint = summary.fingerprint, .accept_changed_data = options.accept_changed_data,
                                    .is_of_one_epoch = one_epoch.has_value(), .name = options.state_name});
    settings.start = checkpoint.state;
    has_other_data = is_changed;
    return loom::ledger_of_rank(checkpoint, settings.shape);
}

/// Of one epoch: where it begins, or behind the state where that is in it.
loom::Ledger Session::Parts::aim_at(std::uint64_t epoch) {
    settings.shape = whole;
    settings.shape.epochs = epoch + 1;
    const bool goes_on = resumed && batches == 0 && settings.start.epoch == epoch;
    has_other_data &= goes_on;
    if (!goes_on) settings.start = loom::start(settings.shape, epoch);
    return goes_on ? *std::exchange(resumed, std::nullopt) : loom::Ledger{};
}

/// The rows of every window: by the index where it lists a row each; else, where there are ranks, by counting. Where a record makes a row in
/// every epoch or in none, the parts of windows are counted, once for all epochs.
void Session::Parts::count_rows() {
    const bool is_row_per_record = stages.segment->facts().is_row_per_record, passes_over = run.bad_records.policy != BadRecords::fail;
    if (const auto records = order->records(); records && is_row_per_record && !passes_over)
        even_counts.emplace(*records, order->window_records());
    if (even_counts || rank.world == 1) return;
    const auto is_stopped = [this] { return cancel->is_requested(); };
    const auto count = [this, is_stopped, is_row_per_record](std::uint64_t epoch, std::uint64_t item, std::uint32_t number) {
        if (is_stopped()) throw base::Failure({.code = base::Code::interrupted, .found = "counting that was stopped"});
        const std::uint32_t worker = number < settings.threads ? number : settings.threads + 1;
        return is_row_per_record ? windows->count_part(item, worker) : windows->count({epoch, item, worker});
    };
    const auto log = [this](const std::string& text) {
        if (options.log && rank.rank == 0) options.log(base::Severity::note, text);
    };
    auto index = std::make_unique<CountIndex>(
        CountIndex::Settings{.items = is_row_per_record ? order->parts() : order->windows(), .threads = settings.threads,
                             .is_same_each_epoch = is_row_per_record, .path = path_of_counts(), .is_cancelled = is_stopped, .log = log},
        count);
    index->prepare(settings.start.epoch);
    WindowCounts::Settings how{.counted = is_row_per_record ? WindowCounts::Counted::parts : WindowCounts::Counted::windows, .tell_barren = {}};
    if (rank.rank == 0 && passes_over) how.tell_barren = [this](std::uint64_t epoch, std::uint64_t window) { tell_barren(epoch, window); };
    counted.emplace(*order, std::move(index), std::move(how));
}

std::optional<loom::Extent> Session::Parts::extent() const {
    return counts() ? loom::extent(settings.shape, *counts(), one_epoch.value_or(0)) : std::nullopt;
}

const loom::RowCounts* Session::Parts::counts() const {
    if (even_counts) return &*even_counts;
    return counted ? &*counted : nullptr;
}

/// Where counts are kept for other runs and ranks: under all that they depend on, the files of the plugins too, which may be built anew
/// under an old version. Empty: in memory, as what is small is counted faster than a file is synced.
std::string Session::Parts::path_of_counts() const {
    constexpr std::uint64_t kept_from_bytes = 1 << 20;
    const host::Extent& extent = stages.source->extent();
    if (extent.bytes < kept_from_bytes || std::ranges::any_of(extent.files, &host::SourceFile::is_in_memory)) return {};
    std::string about = summary.fingerprint;
    for (const auto& listing : registry->listings()) about += touch_of(listing.file);
    return cached_path({.folder = stages.services.cache, .kind = "counts", .about = about}, *stages.source);
}

void Session::Parts::tell_barren(std::uint64_t epoch, std::uint64_t window) {
    WindowRows made;
    if (const WindowResult result = windows->make({epoch, window, settings.threads + 1}, made); result.error) throw base::Failure(*result.error);
    if (tally)
        tally->made(std::move(made), 0);
    else
        barren.push_back(std::move(made));
}

void Session::Parts::show_engine(engine::Engine* shown) {
    const std::lock_guard lock(running_mutex);
    running = shown;
}

/// Its threads may still ask `cancel`, and the watcher of that may call it.
void Session::Parts::end_engine() {
    show_engine(nullptr);
    engine.reset();
}

void Session::Parts::open_quarantine(const loom::Ledger& ledger) {
    if (run.bad_records.policy != BadRecords::quarantine || options.without_quarantine) return;
    quarantine.emplace(spec.run().section("on_error")->text("folder"),
                       range ? quarantine_name(*range) : quarantine_name(rank.rank, rank.world));
    if (const std::uint64_t kept = quarantine->keep(ledger.quarantined); kept < ledger.quarantined && options.log)
        options.log(base::Severity::warning, quarantine->path() + " has " + std::to_string(kept) + " of the " +
                                                 std::to_string(ledger.quarantined) + " records that the state counts; the others are in "
                                                 "files of other ranks, or gone");
}

/// Starts the iteration that settings describe.
void Session::Parts::begin(const loom::Ledger& ledger) {
    end_engine();
    open_quarantine(ledger);
    ended = false;
    failure.reset();
    state = settings.start;
    if (rank.world > 1) settings.counts = counts();
    if (counted) counted->forget();  // another tally knows of no window yet
    tally.emplace(Tally::Start{run.bad_records, settings.shape, settings.start, ledger, settings.counts, has_other_data},
                  [this](const BadRecord& bad) {
                      if (quarantine) quarantine->add(bad);
                  });
    if (settings.counts) say_last_batch(options.log, settings.shape, *settings.counts, one_epoch.value_or(0));
    for (WindowRows& window : std::exchange(barren, {})) tally->made(std::move(window), 0);
    work.emplace(PipelineWork::Parts{&*windows, &*strips, &*tally, settings.batch_slots});
    engine = run.serial ? engine::make_serial_engine(settings, *work) : engine::make_graph_engine(settings, *work);
    show_engine(engine.get());
    if (cancel->is_requested()) engine->cancel();  // asked while there was none yet
}

void Session::Parts::start_or_stop() try {
    start();
} catch (...) {
    const base::Failure refused = current_failure();
    if (cancel && cancel->is_requested()) stop(refused.first());
    ended = true;
    failure = refused;
    throw base::Failure(refused);
}

/// Of bad data: the line where a place is known, and of a verdict on all of it the first bad record.
void Session::Parts::explain(base::Error& error) const {
    if (error.source.empty() && error.cause.empty() && tally)
        if (const auto first = tally->first_bad()) error.cause = "the first: " + base::one_line(*first);
    const bool has_lines = std::ranges::none_of(stages.source->extent().files, &host::SourceFile::is_in_memory);
    if (has_lines && !error.source.empty() && error.byte != base::no_place && error.line == base::no_place)
        error.line = line_of({.file = error.source, .byte = error.byte}).value_or(base::no_place);
}

void Session::Parts::stop(base::Error error) {
    ended = true;
    if (cancel && cancel->is_requested())
        error = {.code = cancel->reason(), .found = "a request to stop", .hint = "batches that were written stay valid"};
    else if (error.code == base::Code::bad_data)
        explain(error);
    else if (error.code == base::Code::resources && error.hint.empty()) {
        if (engine) error.cause = "this run holds " + memory_held(settings, plan.batch_bytes(settings.shape.batch));
        error.hint = "make batch.size, run.memory or run.threads smaller";
    }
    failure = base::Failure(std::move(error));
    throw base::Failure(*failure);
}

const Batch* Session::Parts::take(const engine::Batch& taken) {
    const Batch& batch = work->batch(taken.batch_slot);
    ++batches;
    rows += batch.rows;
    padded_tokens += std::uint64_t{batch.rows} * batch.length;
    for (const std::uint32_t length : batch.row_lengths) tokens += length;
    state = taken.plan->after;
    if (auto error = tally->handed_out(*taken.plan)) stop(std::move(*error));
    return &batch;
}

void Session::Parts::end(const engine::End& last) {
    ended = true;
    if (std::vector<base::Error> changed = changed_tables(stages); !changed.empty()) stop(std::move(changed.front()));
    using enum Tally::Ending;
    const bool by_steps = run.steps && last.state.step >= *run.steps;
    if (auto error = tally->ended(range ? part : by_steps ? steps : epochs, last.rows_cut)) stop(std::move(*error));
    if (damage) stop(*damage);  // what could be read is delivered; that the rest is missing is no success
}

/// Ranks share batches, states and steps count them: none of that is of some windows alone.
void Session::Parts::check_ranges() const {
    const std::string given = rank.world > 1 ? "ranks" : !options.state.empty() ? "a state" : run.steps ? "steps" : "";
    if (!given.empty())
        throw base::Failure({.code = base::Code::usage, .found = "a range of windows and " + given, .expected = "one of them",
                             .hint = "ranks, states and steps are of the whole stream"});
}

}  // namespace embedloom::run
