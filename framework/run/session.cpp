// What a caller asks of a session.
#include <embedloom/run/fork_gate.h>
#include <embedloom/run/resume.h>
#include <embedloom/run/session_parts.h>

#include <algorithm>
#include <utility>

namespace embedloom::run {

namespace {

using Clock = std::chrono::steady_clock;

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
    const ForkGate no_fork;  // what libraries there are would stay half known in the child
    if (options.records) choose_source_of_records(document);
    auto parts = std::make_unique<Parts>();
    parts->options = std::move(options);
    parts->check(document);
    return std::unique_ptr<Session>(new Session(std::move(parts)));
}

const Summary& Session::summary() const { return parts_->summary; }

const Batch* Session::next() {
    Parts& parts = *parts_;
    if (parts.failure) throw base::Failure(*parts.failure);
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
    if (!parts.counts()) return std::nullopt;
    const std::uint64_t batch = parts.whole.batch;
    if (parts.range) return (rows(*parts.range).value_or(0) + batch - 1) / batch;
    const auto all = parts.extent();
    return all ? std::optional(all->steps) : std::nullopt;
}

std::optional<std::uint64_t> Session::last_rows() {
    Parts& parts = *parts_;
    if (!parts.engine) parts.start_or_stop();
    const auto all = parts.range ? std::nullopt : parts.extent();
    return all ? std::optional(all->last_rows) : std::nullopt;
}

void Session::begin_epoch(std::uint64_t epoch) {
    Parts& parts = *parts_;
    parts.one_epoch = epoch;
    parts.range.reset();
    if (!parts.engine) return parts.start_or_stop();
    parts.begin(parts.aim_at(epoch));
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
    parts.begin({});
}

std::optional<std::uint64_t> Session::rows(const WindowRange& range) {
    if (!parts_->engine) parts_->start_or_stop();
    loom::part_of(parts_->whole, range);
    return parts_->counts() ? loom::rows_of(range, *parts_->counts()) : std::nullopt;
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
    if (parts.ended && !parts.failure) out.share = 1.0;
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
