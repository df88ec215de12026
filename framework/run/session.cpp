// Opening, running and ending of a session.
#include <embedloom/config/config.h>
#include <embedloom/embed/convert.h>
#include <embedloom/run/cancel.h>
#include <embedloom/run/description.h>
#include <embedloom/run/fingerprint.h>
#include <embedloom/run/line_of.h>
#include <embedloom/run/plugin_folders.h>
#include <embedloom/run/quarantine.h>
#include <embedloom/run/run_plan.h>
#include <embedloom/run/session.h>
#include <embedloom/run/sink_writer.h>
#include <embedloom/run/work.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace embedloom::run {

namespace {

using Clock = std::chrono::steady_clock;

/// Rows [0, longest) of the position stage, for all batches.
std::vector<float> positions_of(const Stages& stages, const BatchPlan& plan) {
    if (!stages.position || stages.position->form() != EL_POSITION_VECTORS || !plan.emits(Content::embeddings)) return {};
    std::vector<std::int64_t> ids(plan.longest);
    for (std::uint32_t i = 0; i < plan.longest; ++i) ids[i] = i;
    std::vector<float> out(std::size_t{plan.longest} * plan.width);
    stages.position->encode(ids, out).or_throw();
    return out;
}

std::vector<float> vector_of(const std::optional<host::TableStage>& table) {
    if (!table) return {};
    const embed::TableView view = view_of(*table);
    std::vector<float> out(view.width);
    embed::widen(view.data, view.dtype, view.width, out.data());
    return out;
}

embed::Dtype out_dtype(const config::Section& embedding) {
    const std::string& word = embedding.text("dtype");
    return word == "float16"    ? embed::Dtype::float16
           : word == "bfloat16" ? embed::Dtype::bfloat16
                                : embed::Dtype::float32;
}

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

/// A line for each stage, for `check`.
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

/// What a config says of its source, but for the files.
std::string source_settings(const config::Spec& spec) {
    std::istringstream lines(config::to_canonical_text(spec, config::Part::rows_only));
    std::string out;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("source")) out += line + "\n";
    return out;
}

/// The remark on the first damaged file, where there is one.
std::optional<base::Error> damage_of(const host::Extent& extent) {
    if (std::ranges::none_of(extent.files, &host::SourceFile::is_damaged)) return std::nullopt;
    for (const base::Error& remark : extent.remarks)
        if (remark.code == base::Code::bad_data) return remark;
    return base::Error{.code = base::Code::bad_data, .stage = "source", .found = "a damaged file", .expected = "whole files"};
}

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
    RunPlan run;
    BatchPlan plan;
    Summary summary;

    StageClock clock;
    std::optional<Quarantine> quarantine;
    std::optional<embed::Assembler> embeddings, words;
    std::optional<RecordOrder> order;
    std::optional<Tally> tally;
    std::optional<WindowMaker> windows;
    std::optional<StripMaker> strips;
    std::optional<PipelineWork> work;
    std::optional<SinkWriter> sink;
    engine::Settings settings;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<Cancel> cancel;
    // What other threads and signal handlers see of the two above, which begin only with the first batch.
    std::atomic<engine::Engine*> running{nullptr};
    std::atomic<Cancel*> listening{nullptr};
    std::atomic<int> asked_to_stop{0};  // a base::Code, also before anybody listens

    std::optional<base::Error> damage;  // of the first data file of which only a part could be read
    std::uint64_t batches = 0, rows = 0, tokens = 0, padded_tokens = 0;
    std::chrono::nanoseconds waited{0};
    bool ended = false;

    void check(const config::Document& document);
    void start();
    void start_or_stop();
    void open_data();
    void say_score() const;
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
    stages.services.log = options.log;
    stages.services.is_cancelled = [this] { return cancel && cancel->is_requested(); };
    stages.services.cache = spec.run().text("cache");
    std::vector<base::Error> errors;
    make_stages({.spec = &spec, .registry = registry.get(), .workers = run.threads + 1, .without_sink = options.without_sink}, stages,
                errors);
    if (stages.source && stages.tokenizer && stages.segment) plan = plan_batches(spec, stages, errors, summary.notes);
    if (errors.empty() && options.scan_tables) scan_tables(stages, plan, errors);
    if (!errors.empty()) throw base::Failure(std::move(errors));
    summary.lines = lines_of(stages, plan, run);
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
    const auto log = [this](const std::string& text) {
        if (options.log) options.log(base::Severity::warning, text);
    };
    order.emplace(*stages.source, run.order, RecordOrder::Scan{source_settings(spec), stages.services.cache, stages.services.is_cancelled, log});
}

void Session::Parts::say_score() const {
    if (!options.log) return;
    const auto score = order->score(settings.shape.lanes, settings.shape.batch);
    if (!score) return;
    char text[160];
    std::snprintf(text, sizeof text,
                  "shuffle: blocks: a batch has %.2f of the distinct shards of a true shuffle, batch means spread %.2f times as far",
                  score->shards, score->spread);
    options.log(base::Severity::note, text);
}

void Session::Parts::start() {
    cancel = std::make_unique<Cancel>([this] {
        if (engine::Engine* runs = running) runs->cancel();
    });
    listening = cancel.get();
    if (const int reason = asked_to_stop) cancel->request(static_cast<base::Code>(reason));
    open_data();
    settings = engine_settings(spec, run, plan, order->windows());
    say_score();
    if (run.bad_records.policy == BadRecords::quarantine) quarantine.emplace(spec.run().section("on_error")->text("folder"));
    tally.emplace(run.bad_records, run.epochs, [this](const BadRecord& bad) { quarantine->add(bad); });
    windows.emplace(stages, *order, clock,
                    WindowMaker::Settings{.seed = run.order.seed, .bad_records = run.bad_records.policy, .wants = plan.wants,
                                          .workers = settings.threads});
    strips.emplace(layout(), clock, settings.threads);
    work.emplace(PipelineWork::Parts{&*windows, &*strips, &*tally, settings.batch_slots});
    if (stages.sink) sink.emplace(*stages.sink, summary.fingerprint);
    engine = run.serial ? engine::make_serial_engine(settings, *work) : engine::make_graph_engine(settings, *work);
    running = engine.get();
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
    if (!error.source.empty() && error.byte != base::no_place && error.line == base::no_place)
        error.line = line_of({.file = error.source, .byte = error.byte}).value_or(base::no_place);
}

void Session::Parts::stop(base::Error error) {
    ended = true;
    if (cancel && cancel->is_requested())
        error = {.code = cancel->reason(), .found = "a request to stop", .hint = "batches that were written stay valid"};
    else if (error.code == base::Code::bad_data)
        explain(error);
    else if (error.code == base::Code::resources && error.hint.empty())
        error.hint = "make batch.size, run.memory or run.threads smaller";
    throw base::Failure(std::move(error));
}

const Batch* Session::Parts::take(const engine::Batch& taken) {
    const Batch& batch = work->batch(taken.batch_slot);
    ++batches;
    rows += batch.rows;
    padded_tokens += std::uint64_t{batch.rows} * batch.length;
    for (const std::uint32_t length : batch.row_lengths) tokens += length;
    if (auto error = tally->handed_out(batch.rows, batch.repeats, taken.plan->after)) stop(std::move(*error));
    return &batch;
}

void Session::Parts::end(const engine::End& last) {
    ended = true;
    if (std::vector<base::Error> changed = changed_tables(stages); !changed.empty()) stop(std::move(changed.front()));
    const bool by_steps = run.steps && last.state.step >= *run.steps;
    if (auto error = tally->ended(by_steps ? Tally::Ending::steps : Tally::Ending::epochs, last.rows_cut)) stop(std::move(*error));
    if (damage) stop(*damage);  // what could be read is delivered; that the rest is missing is no success
}

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Session::~Session() {
    parts_->listening = nullptr;
    parts_->cancel.reset();  // its watcher calls the engine
    parts_->engine.reset();
}

std::unique_ptr<Session> Session::open(const std::filesystem::path& config, OpenOptions options) {
    const config::Document document = config::open(config, {.sets = options.sets});
    return open(document, std::move(options));
}

std::unique_ptr<Session> Session::open(const ConfigText& config, OpenOptions options) {
    const config::Document document = config::open_text(config.text, config.name, config.folder, {.sets = options.sets});
    return open(document, std::move(options));
}

std::unique_ptr<Session> Session::open(const config::Document& document, OpenOptions options) {
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

void Session::give_back(std::uint32_t slot) { parts_->engine->give_back(slot); }

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
    if (parts.run.epochs) {
        const double windows = static_cast<double>(parts.settings.shape.windows) * static_cast<double>(*parts.run.epochs);
        out.share = std::min(1.0, static_cast<double>(parts.tally->windows_reached()) / windows);
    }
    if (parts.run.steps)
        out.share = std::max(out.share.value_or(0), static_cast<double>(parts.batches) / static_cast<double>(*parts.run.steps));
    if (parts.ended) out.share = 1.0;
    return out;
}

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
        if (what.type == EL_FIELD_TEXT)
            out.fields.push_back({what.name, std::string(host::SourceStage::text(columns, field, 0))});
        else if (what.type == EL_FIELD_INTEGER)
            out.fields.push_back({what.name, columns.get<std::int64_t>(column)[0]});
        else
            out.fields.push_back({what.name, columns.get<double>(column)[0]});
    }
    return out;
}

std::vector<std::string> Session::pieces(std::span<const std::uint32_t> ids) const {
    host::Columns columns;
    parts_->stages.tokenizer->pieces(ids, columns).or_throw();
    const auto ends = columns.get<std::uint64_t>(EL_PIECES_ENDS);
    const std::string_view bytes = columns.text(EL_PIECES_BYTES);
    std::vector<std::string> out;
    for (std::size_t i = 0, begin = 0; i < ids.size(); begin = ends[i++]) out.emplace_back(bytes.substr(begin, ends[i] - begin));
    return out;
}

}  // namespace embedloom::run
