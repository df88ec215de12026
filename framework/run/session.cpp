// Opening, running and ending of a session.
#include <embedloom/config/config.h>
#include <embedloom/loom/seek.h>
#include <embedloom/run/advice.h>
#include <embedloom/run/assemblers.h>
#include <embedloom/run/cancel.h>
#include <embedloom/run/count_index.h>
#include <embedloom/run/description.h>
#include <embedloom/run/fingerprint.h>
#include <embedloom/run/lent_records.h>
#include <embedloom/run/line_of.h>
#include <embedloom/run/inspection.h>
#include <embedloom/run/plugin_folders.h>
#include <embedloom/run/quarantine.h>
#include <embedloom/run/rank.h>
#include <embedloom/run/resume.h>
#include <embedloom/run/run_plan.h>
#include <embedloom/run/session.h>
#include <embedloom/run/sink_writer.h>
#include <embedloom/run/work.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>
#include <utility>

namespace embedloom::run {

namespace {

using Clock = std::chrono::steady_clock;

/// Beside those of the engine's threads: the caller's, who may ask for a record, and that of counting during the run.
constexpr std::uint32_t own_workers = 2;

}  // namespace

const std::vector<std::string>& stage_names() {
    static const std::vector<std::string> names{"read", "tokenize", "segment", "objective", "collate", "embed"};
    return names;
}

const Tensor* Batch::find(std::string_view name) const {
    for (const Tensor& tensor : tensors)
        if (tensor.name == name) return &tensor;
    return nullptr;
}

/// Members are destroyed last to first: the engine stops before what it runs goes.
struct Session::Parts {
    OpenOptions options;
    config::Spec spec;
    std::unique_ptr<host::Registry> registry;
    Stages stages;
    RankChoice rank;
    RunPlan run;
    BatchPlan plan;
    Summary summary;

    StageClock clock;
    std::optional<Quarantine> quarantine;
    std::optional<embed::Assembler> embeddings, words;
    std::optional<RecordOrder> order;
    std::optional<WindowMaker> windows;
    std::unique_ptr<loom::RowCounts> counts;  // where they are known: needed by ranks
    std::mutex barren_mutex;
    std::vector<WindowRows> barren;  // windows of nothing but bad records, which no rank makes: the first tells of them
    std::optional<Tally> tally;
    std::optional<StripMaker> strips;
    std::optional<PipelineWork> work;
    std::optional<SinkWriter> sink;
    engine::Settings settings;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<Cancel> cancel;
    // What other threads and signal handlers see of the two above, which begin only with the first batch.
    std::mutex running_mutex;
    engine::Engine* running = nullptr;  // for the watcher of `cancel`
    std::atomic<Cancel*> listening{nullptr};
    std::atomic<int> asked_to_stop{0};  // a base::Code, also before anybody listens

    std::optional<base::Error> damage;  // of the first data file of which only a part could be read
    std::uint64_t batches = 0, rows = 0, tokens = 0, padded_tokens = 0;
    std::chrono::nanoseconds waited{0};
    bool ended = false;
    std::optional<std::uint64_t> one_epoch;  // begin_epoch() was called
    std::optional<WindowRange> range;        // begin_windows() was called last
    loom::Shape whole;                       // of the iteration that the config describes
    std::optional<loom::Ledger> resumed;     // there is a state whose batches nobody has asked for yet
    loom::State state;  // after the last batch that was handed out

    void check(const config::Document& document);
    void start();
    void start_or_stop();
    void open_data();
    std::unique_ptr<loom::RowCounts> known_counts();
    void keep_barren(WindowRows&& window);
    loom::Ledger go_on();
    void show_engine(engine::Engine* shown);
    void end_engine();
    void check_ranges() const;
    void open_quarantine();
    void begin(const loom::Ledger& ledger);
    BatchLayout layout();
    const Batch* take(const engine::Batch& batch);
    void end(const engine::End& end);
    void explain(base::Error& error) const;
    [[noreturn]] void stop(base::Error error);
};

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
    spec = config::check(document, catalogue);
    run = plan_run(spec, options);
    rank = choose_rank(options.rank, options.world_size, environment_of_process);
    stages.services.log = options.log;
    stages.services.is_cancelled = [this] { return cancel && cancel->is_requested(); };
    stages.services.cache = spec.run().text("cache");
    if (options.records) stages.services.records = &options.records->view();
    std::vector<base::Error> errors;
    make_stages({.spec = &spec, .registry = registry.get(), .workers = run.threads + own_workers, .without_sink = options.without_sink}, stages,
                errors);
    if (stages.source && options.records && !stages.services.records_are_taken) errors.push_back(records_not_taken(spec));
    if (stages.source && stages.tokenizer && stages.segment) plan = plan_batches(spec, stages, errors, summary.notes);
    if (errors.empty() && options.scan_tables) scan_tables(stages, plan, errors);
    if (!errors.empty()) throw base::Failure(std::move(errors));
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
    const loom::Ledger ledger = options.state.empty() ? loom::Ledger{} : go_on();
    if (!options.state.empty()) resumed = ledger;
    counts = known_counts();
    open_quarantine();
    begin(ledger);
    if (stages.sink) sink.emplace(*stages.sink, SinkWriter::Run{summary.fingerprint, rank.rank, rank.world, !options.state.empty(), settings.start.step});
}

/// Where the stream begins, from the state that the caller gave.
loom::Ledger Session::Parts::go_on() {
    const loom::Checkpoint checkpoint =
        resume_from(options.state, {.shape = settings.shape, .fingerprint = summary.fingerprint, .accept_changed_data = options.accept_changed_data,
                                    .name = options.state_name});
    settings.start = checkpoint.state;
    return loom::ledger_of_rank(checkpoint, settings.shape);
}

/// The rows of every window: by the index where it lists a row each; else, where there are ranks, by counting.
std::unique_ptr<loom::RowCounts> Session::Parts::known_counts() {
    const bool is_even = stages.segment->facts().is_row_per_record && run.bad_records.policy == BadRecords::fail;
    if (const auto records = order->records(); records && is_even)
        return std::make_unique<loom::EvenRows>(*records, order->window_records());
    if (rank.world == 1) return nullptr;
    const auto count = [this](std::uint64_t epoch, std::uint64_t window, std::uint32_t worker) {
        if (cancel->is_requested()) throw base::Failure({.code = base::Code::interrupted, .found = "counting that was stopped"});
        WindowRows made;
        const std::uint64_t number = windows->count({epoch, window, worker < settings.threads ? worker : settings.threads + 1}, made);
        if (rank.rank == 0 && !made.bad.empty() && number == 0) keep_barren(std::move(made));
        return number;
    };
    if (options.log && rank.rank == 0) options.log(base::Severity::note, "ranks: counting the rows of " + std::to_string(order->windows()) + " windows");
    auto index = std::make_unique<CountIndex>(
        CountIndex::Settings{.windows = order->windows(), .threads = settings.threads,
                             .is_same_each_epoch = run.order.shuffle == Shuffle::none && is_even},
        count);
    index->prepare(settings.start.epoch);
    return index;
}

void Session::Parts::keep_barren(WindowRows&& window) {
    const std::lock_guard lock(barren_mutex);
    barren.push_back(std::move(window));
    if (tally) tally->made(WindowRows(barren.back()), 0);
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

/// A range has a file of its own, as another process may be at another one.
void Session::Parts::open_quarantine() {
    if (run.bad_records.policy != BadRecords::quarantine) return;
    const std::string folder = spec.run().section("on_error")->text("folder");
    range ? quarantine.emplace(folder, *range) : quarantine.emplace(folder);
}

/// Starts the iteration that settings describe.
void Session::Parts::begin(const loom::Ledger& ledger) {
    end_engine();
    ended = false;
    state = settings.start;
    if (rank.world > 1) settings.counts = counts.get();
    tally.emplace(Tally::Start{run.bad_records, settings.shape, settings.start, ledger, settings.counts},
                  [this](const BadRecord& bad) { quarantine->add(bad); });
    for (const WindowRows& window : barren) tally->made(WindowRows(window), 0);
    work.emplace(PipelineWork::Parts{&*windows, &*strips, &*tally, settings.batch_slots});
    engine = run.serial ? engine::make_serial_engine(settings, *work) : engine::make_graph_engine(settings, *work);
    show_engine(engine.get());
    if (cancel->is_requested()) engine->cancel();  // asked while there was none yet
}

void Session::Parts::start_or_stop() try {
    start();
} catch (const base::Failure& failure) {
    if (cancel && cancel->is_requested()) stop(failure.first());
    ended = true;
    throw;
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
    throw base::Failure(std::move(error));
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

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Session::~Session() {
    parts_->listening = nullptr;
    if (parts_->cancel) parts_->cancel->request(base::Code::interrupted);  // what the engine's threads count ends early
    parts_->end_engine();
}

std::unique_ptr<Session> Session::open(const std::filesystem::path& config, OpenOptions options) {
    config::Document document = config::open(config, {.sets = options.sets});
    return open(document, std::move(options));
}

std::unique_ptr<Session> Session::open(const ConfigText& config, OpenOptions options) {
    config::Document document = config::open_text(config.text, config.name, config.folder, {.sets = options.sets});
    return open(document, std::move(options));
}

std::unique_ptr<Session> Session::open(config::Document& document, OpenOptions options) {
    if (options.records) choose_source_of_records(document);
    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    parts->check(document);
    return std::unique_ptr<Session>(new Session(std::move(parts)));
}

const Summary& Session::summary() const { return parts_->summary; }

const Batch* Session::next() {
    Parts& parts = *parts_;
    if (parts.ended) return nullptr;
    if (!parts.engine) parts.start_or_stop();
    const auto asked = Clock::now();
    engine::Next next = parts.engine->next();
    parts.waited += Clock::now() - asked;
    if (const auto* batch = std::get_if<engine::Batch>(&next)) return parts.take(*batch);
    if (auto* error = std::get_if<base::Error>(&next)) {
        if (error->code == base::Code::usage) throw base::Failure(std::move(*error));
        parts.stop(std::move(*error));
    }
    parts.end(std::get<engine::End>(next));
    return nullptr;
}

bool Session::ready_within(std::chrono::milliseconds time) {
    Parts& parts = *parts_;
    if (parts.ended) return true;
    if (!parts.engine) parts.start_or_stop();
    const auto asked = Clock::now();
    const bool ready = parts.engine->ready_within(time);
    parts.waited += Clock::now() - asked;
    return ready;
}

void Session::give_back(std::uint32_t slot) {
    if (parts_->engine) parts_->engine->give_back(slot);  // none: a new beginning has failed
}

std::uint32_t Session::rank() const { return parts_->rank.rank; }

std::uint32_t Session::world_size() const { return parts_->rank.world; }

std::string Session::state() {
    Parts& parts = *parts_;
    if (parts.range)
        throw base::Failure({.code = base::Code::usage, .found = "the state of a range of windows", .expected = "one of a whole stream",
                             .hint = "a range is short: begin it anew"});
    if (!parts.engine) parts.start_or_stop();
    loom::Checkpoint checkpoint{.state = parts.state, .known = {}, .rank = std::nullopt, .world = parts.rank.world,
                                .fingerprint = parts.summary.fingerprint, .ledger = parts.tally->ledger_to_keep()};
    if (parts.rank.world > 1) checkpoint.rank = parts.rank.rank;
    return loom::to_json(checkpoint);
}

std::string Session::merge_states(std::span<const std::string> states) {
    std::vector<loom::Checkpoint> checkpoints;
    for (const std::string& text : states) checkpoints.push_back(loom::checkpoint_from_json(text));
    return loom::to_json(loom::merge(checkpoints));
}

std::optional<std::uint64_t> Session::length() {
    Parts& parts = *parts_;
    if (!parts.engine) parts.start_or_stop();
    if (!parts.counts) return std::nullopt;
    const std::uint64_t first = parts.one_epoch.value_or(0), batch = parts.whole.batch;
    if (parts.range) return (rows(*parts.range).value_or(0) + batch - 1) / batch;
    return loom::length(parts.settings.shape, *parts.counts, first);
}

void Session::begin_epoch(std::uint64_t epoch) {
    Parts& parts = *parts_;
    if (!parts.engine) parts.start_or_stop();
    parts.one_epoch = epoch;
    if (std::exchange(parts.range, std::nullopt)) parts.open_quarantine();
    parts.settings.shape = parts.whole;
    parts.settings.shape.epochs = epoch + 1;
    const bool goes_on = parts.resumed && parts.batches == 0 && parts.settings.start.epoch == epoch;
    if (!goes_on) parts.settings.start = loom::start(parts.settings.shape, epoch);
    parts.begin(goes_on ? *std::exchange(parts.resumed, std::nullopt) : loom::Ledger{});
}

/// Ranks share batches, states and steps count them: none of that is of some windows alone.
void Session::Parts::check_ranges() const {
    const std::string given = rank.world > 1 ? "ranks" : !options.state.empty() ? "a state" : run.steps ? "steps" : "";
    if (!given.empty())
        throw base::Failure({.code = base::Code::usage, .found = "a range of windows and " + given, .expected = "one of them",
                             .hint = "ranks, states and steps are of the whole stream"});
}

std::uint64_t Session::windows() {
    if (!parts_->engine) parts_->start_or_stop();
    return parts_->whole.windows;
}

std::uint64_t Session::epochs() const { return whole_epochs(parts_->spec, parts_->run); }

void Session::begin_windows(const WindowRange& range) {
    Parts& parts = *parts_;
    parts.check_ranges();
    if (!parts.engine) parts.start_or_stop();
    const loom::Part part = loom::part_of(parts.whole, range);
    parts.range = range;
    parts.settings.shape = part.shape;
    parts.settings.start = part.start;
    parts.open_quarantine();
    parts.begin({});
}

std::optional<std::uint64_t> Session::rows(const WindowRange& range) {
    if (!parts_->engine) parts_->start_or_stop();
    loom::part_of(parts_->whole, range);
    return parts_->counts ? loom::rows_of(range, *parts_->counts) : std::nullopt;
}

bool Session::has_sink() const { return parts_->stages.sink.has_value(); }

void Session::write(const Batch& batch) {
    if (parts_->sink) parts_->sink->write(batch);
}

void Session::finish_sink() {
    if (parts_->sink) parts_->sink->close();
}

void Session::cancel(base::Code reason) noexcept {
    int none = 0;
    parts_->asked_to_stop.compare_exchange_strong(none, static_cast<int>(reason));
    if (Cancel* listens = parts_->listening) listens->request(reason);
}

Progress Session::progress() const {
    const Parts& parts = *parts_;
    Progress out{.batches = parts.batches, .rows = parts.rows, .tokens = parts.tokens, .padded_tokens = parts.padded_tokens};
    out.stage_nanoseconds = parts.clock.sums();
    out.wait_nanoseconds = static_cast<std::uint64_t>(parts.waited.count());
    if (!parts.tally) return out;
    out.ledger = parts.tally->ledger();
    out.passed_over = parts.order->passed_over();
    out.text_bytes = parts.tally->text_bytes();
    if (parts.range) {
        const std::uint64_t before = parts.range->epoch * parts.range->windows.end + parts.range->windows.begin;
        out.share = static_cast<double>(parts.tally->windows_reached() - before) / static_cast<double>(parts.range->windows.size());
    } else if (parts.run.epochs) {
        const double windows = static_cast<double>(parts.settings.shape.windows) * static_cast<double>(*parts.run.epochs);
        out.share = std::min(1.0, static_cast<double>(parts.tally->windows_reached()) / windows);
    }
    if (parts.run.steps)
        out.share = std::max(out.share.value_or(0), static_cast<double>(parts.state.step) / static_cast<double>(*parts.run.steps));
    if (parts.ended) out.share = 1.0;
    return out;
}

EmbeddingTables Session::embedding() const { return embedding_tables(parts_->spec, parts_->stages, parts_->plan); }

RecordText Session::record(std::uint64_t id) const {
    const host::SourceStage& source = *parts_->stages.source;
    host::Columns columns;
    source.read(parts_->run.threads, std::span(&id, 1), columns).or_throw();
    const auto records = columns.get<el_record>(EL_READ_RECORDS);
    if (records.size() != 1) throw base::Failure({.code = base::Code::usage, .found = "no record " + std::to_string(id)});
    RecordText out{.bytes = records[0].bytes, .fields = {}};
    for (std::uint32_t field = 0; field < source.fields().size(); ++field) {
        const host::Field& what = source.fields()[field];
        const std::uint32_t column = EL_READ_VALUES(field);
        const auto ids = what.type == EL_FIELD_TOKENS ? host::SourceStage::tokens(columns, field, 0) : std::span<const std::uint32_t>();
        if (what.type == EL_FIELD_TEXT)
            out.fields.push_back({what.name, std::string(host::SourceStage::text(columns, field, 0))});
        else if (what.type == EL_FIELD_TOKENS)
            out.fields.push_back({what.name, std::vector(ids.begin(), ids.end())});
        else if (what.type == EL_FIELD_INTEGER)
            out.fields.push_back({what.name, columns.get<std::int64_t>(column)[0]});
        else
            out.fields.push_back({what.name, columns.get<double>(column)[0]});
    }
    return out;
}

std::vector<std::string> Session::pieces(std::span<const std::uint32_t> ids) const {
    return parts_->stages.tokenizer->pieces(ids);
}

}  // namespace embedloom::run
