// From bytes to rows, stage by stage. Records that turn out bad leave the window on the way; the rest never notice.
#include <embedloom/abi/philox.h>
#include <embedloom/run/given_tokens.h>
#include <embedloom/run/counted.h>
#include <embedloom/run/purpose.h>
#include <embedloom/run/row_mover.h>
#include <embedloom/run/window_maker.h>

#include <algorithm>
#include <utility>

namespace embedloom::run {

namespace {

/// A record that is bad, by its place in the window.
struct BadPlace {
    std::uint32_t place;
    base::Error error;
};

/// The error that ends a window whose call failed.
base::Error error_of(const host::Outcome& outcome, const std::string& stage) {
    if (!outcome.problems.empty()) return outcome.problems.front().error;
    return {.code = outcome.status == EL_CANCELLED ? base::Code::interrupted : base::Code::internal, .stage = stage,
            .found = "a call that failed without a reason"};
}

}  // namespace

/// Working memory of one worker.
struct WindowMaker::Worker {
    host::Columns read, plan, applied;
    host::Columns encoded[max_text_fields];
    std::vector<std::uint64_t> ids;          // of the records to read
    std::vector<std::uint32_t> places;       // in the window, of the records that are still good
    std::vector<el_text> texts;
    std::vector<std::uint32_t> lengths;
    std::vector<el_key> keys;
    std::vector<BadPlace> bad;
    std::vector<std::uint8_t> is_bad;               // by place
    std::vector<const base::Error*> problems;       // by item of a call, null where there is none
    RowMover mover;
    WindowRows counted;  // rows that are made to be counted
};

/// One call of make: the steps share it.
class WindowMaking {
  public:
    WindowMaking(const WindowMaker& maker, const WindowCall& call, WindowRows& rows, std::optional<std::uint64_t> part = std::nullopt)
        : maker_(maker), stages_(*maker.stages_), call_(call), rows_(rows), part_(part), worker_(*maker.workers_[call.worker]),
          laps_(*maker.clock_) {}

    WindowResult make() {
        if (!plan() || !objective()) return {text_bytes_, failure_};
        return {text_bytes_, take_bad_records()};
    }

    /// The rows before the objective: as many, and with the same bad records. Throws base::Failure.
    void make_plan() {
        std::optional<base::Error> error = plan() ? take_bad_records() : failure_;
        if (error) throw base::Failure(std::move(*error));
    }

    /// After make_plan(): of the records read, those that are good.
    std::uint32_t good_places() const {
        std::uint32_t good = 0;
        for (std::size_t place = 0; place < records_.size(); ++place) good |= std::uint32_t{!worker_.is_bad[place]} << place;
        return good;
    }

  private:
    bool plan() {
        rows_.clear();
        rows_.epoch = call_.epoch;
        rows_.window = call_.window;
        worker_.bad.clear();
        return read() && tokenize() && segment();
    }

    bool fail(const host::Outcome& outcome, const std::string& stage) {
        failure_ = error_of(outcome, stage);
        return false;
    }

    bool read() {
        const RecordOrder::Reading reading{*stages_.source, call_.worker, worker_.ids, worker_.read};
        const host::Outcome outcome =
            part_ ? maker_.order_->read_part(*part_, reading) : maker_.order_->read({call_.epoch, call_.window}, reading);
        if (!outcome) return fail(outcome, "source");
        records_ = worker_.read.get<el_record>(EL_READ_RECORDS);
        rows_.records_read = records_.size();
        worker_.places.clear();
        worker_.is_bad.assign(records_.size(), 0);
        find_problems(outcome, records_.size());
        for (std::uint32_t place = 0; place < records_.size(); ++place) {
            text_bytes_ += records_[place].bytes;
            if (records_[place].code == EL_OK)
                worker_.places.push_back(place);
            else
                add_bad(place, worker_.problems[place], records_[place].code);
        }
        laps_.lap(TimedStage::read);
        return true;
    }

    bool tokenize() {
        const auto& facts = stages_.segment->facts();
        std::uint32_t want = 0;
        if (maker_.settings_.wants.offsets) want |= EL_WANT_OFFSETS;
        if (maker_.settings_.wants.words) want |= EL_WANT_WORDS;
        for (std::uint32_t f = 0; f < facts.fields.size(); ++f) {
            const bool is_given = stages_.source->fields()[stages_.segment_fields[f]].type == EL_FIELD_TOKENS;
            const host::Outcome outcome = is_given ? take_tokens(f) : encode(f, want);
            if (!outcome) return fail(outcome, "tokenizer");
            drop_unencoded(f, outcome);
        }
        laps_.lap(TimedStage::tokenize);
        return true;
    }

    host::Outcome encode(std::uint32_t field, std::uint32_t want) {
        worker_.texts.clear();
        for (const std::uint32_t place : worker_.places) {
            const auto text = host::SourceStage::text(worker_.read, stages_.segment_fields[field], place);
            worker_.texts.push_back({text.data(), text.size()});
        }
        return stages_.tokenizer->encode(call_.worker, {worker_.texts, stages_.segment->facts().wanted[field], want}, worker_.encoded[field]);
    }

    host::Outcome take_tokens(std::uint32_t field) {
        const std::uint32_t given = stages_.segment_fields[field];
        return run::take_tokens({.read = worker_.read, .field = given, .name = stages_.source->fields()[given].name, .places = worker_.places,
                                 .wanted = stages_.segment->facts().wanted[field], .vocab_size = stages_.tokenizer->vocabulary().vocab_size},
                                worker_.encoded[field]);
    }

    /// Texts that could not be encoded: their records leave, those of earlier fields stay where they are in their columns.
    void drop_unencoded(std::uint32_t field, const host::Outcome& outcome) {
        const auto results = worker_.encoded[field].get<el_encoded>(EL_ENCODE_RESULTS);
        find_problems(outcome, results.size());
        for (std::uint32_t i = 0; i < results.size(); ++i)
            if (results[i].code != EL_OK) add_bad(worker_.places[i], worker_.problems[i], results[i].code);
    }

    /// What a call said of each of its items. A table, because a window of nothing but bad records must stay linear.
    void find_problems(const host::Outcome& outcome, std::size_t items) {
        worker_.problems.assign(items, nullptr);
        for (const host::Problem& problem : outcome.problems)
            if (problem.item < items && !worker_.problems[problem.item]) worker_.problems[problem.item] = &problem.error;
    }

    bool segment() {
        const auto& facts = stages_.segment->facts();
        const auto fields = static_cast<std::uint32_t>(facts.fields.size());
        worker_.lengths.clear();
        worker_.keys.clear();
        planned_.clear();
        for (std::uint32_t i = 0; i < worker_.places.size(); ++i) {
            if (worker_.is_bad[worker_.places[i]]) continue;
            planned_.push_back(i);
            for (std::uint32_t f = 0; f < fields; ++f) worker_.lengths.push_back(length_of(f, i));
            worker_.keys.push_back(key_of(worker_.places[i], purpose_segment));
        }
        const host::Outcome outcome = stages_.segment->plan(call_.worker, {worker_.lengths, worker_.keys}, worker_.plan);
        if (!outcome) return fail(outcome, "segment");
        const auto codes = worker_.plan.get<el_status>(EL_PLAN_CODES);
        find_problems(outcome, codes.size());
        for (std::uint32_t i = 0; i < codes.size(); ++i)
            if (codes[i] != EL_OK) add_bad(worker_.places[planned_[i]], worker_.problems[i], codes[i]);
        move_rows();
        laps_.lap(TimedStage::segment);
        return true;
    }

    std::uint32_t length_of(std::uint32_t field, std::uint32_t text) const {
        const auto results = worker_.encoded[field].get<el_encoded>(EL_ENCODE_RESULTS);
        return static_cast<std::uint32_t>(results[text].end - (text ? results[text - 1].end : 0));
    }

    void move_rows() {
        const RowMover::Input input{.plan = &worker_.plan, .encoded = worker_.encoded, .texts = planned_,
                                    .fields = static_cast<std::uint32_t>(stages_.segment->facts().fields.size()),
                                    .wants = maker_.settings_.wants, .vocabulary = &stages_.tokenizer->vocabulary()};
        worker_.mover.move(input, rows_);
        rows_.columns.resize(stages_.objective ? stages_.objective->columns().size() : 0);
        for (const std::uint32_t row : worker_.mover.row_texts()) add_record(worker_.places[row]);
    }

    void add_record(std::uint32_t place) {
        rows_.records.push_back(records_[place].id);
        if (stages_.row_field) rows_.table_rows.push_back(worker_.read.get<std::int64_t>(EL_READ_VALUES(*stages_.row_field))[place]);
        if (!stages_.label_field) return;
        const std::uint32_t field = *stages_.label_field;
        if (stages_.source->fields()[field].type == EL_FIELD_INTEGER)
            rows_.integer_labels.push_back(worker_.read.get<std::int64_t>(EL_READ_VALUES(field))[place]);
        else
            rows_.number_labels.push_back(static_cast<float>(worker_.read.get<double>(EL_READ_VALUES(field))[place]));
    }

    bool objective() {
        if (!stages_.objective) return true;
        worker_.keys.clear();
        for (const std::uint64_t record : rows_.records)
            worker_.keys.push_back(el_key_for(maker_.settings_.seed, call_.epoch, record, purpose_objective));
        const host::Outcome outcome = stages_.objective->apply(
            call_.worker, {rows_.row_ends, rows_.ids, rows_.special, rows_.words, worker_.keys}, worker_.applied);
        if (!outcome) return fail(outcome, "objective");
        const auto ids = worker_.applied.get<std::uint32_t>(EL_APPLY_IDS);
        std::copy(ids.begin(), ids.end(), rows_.ids.begin());
        for (std::uint32_t c = 0; c < rows_.columns.size(); ++c) {
            const auto bytes = worker_.applied.get<std::byte>(EL_APPLY_COLUMN(c));
            rows_.columns[c].bytes.assign(bytes.begin(), bytes.end());
        }
        laps_.lap(TimedStage::objective);
        return true;
    }

    el_key key_of(std::uint32_t place, std::uint64_t purpose) const {
        return el_key_for(maker_.settings_.seed, call_.epoch, records_[place].id, purpose);
    }

    void add_bad(std::uint32_t place, const base::Error* problem, el_status code) {
        if (std::exchange(worker_.is_bad[place], std::uint8_t{1})) return;
        base::Error error = problem ? *problem : base::Error{.found = "a bad record without a reason"};
        error.code = static_cast<base::Code>(code);
        const RecordPlace where = maker_.order_->place_of(records_[place].id);
        if (error.source.empty()) error.source = where.file;
        if (error.byte == base::no_place) error.byte = where.byte;
        worker_.bad.push_back({place, std::move(error)});
    }

    /// With on_error: fail the first bad record in the window's order is the window's error.
    std::optional<base::Error> take_bad_records() {
        std::sort(worker_.bad.begin(), worker_.bad.end(),
                  [](const BadPlace& a, const BadPlace& b) { return a.place < b.place; });
        if (!worker_.bad.empty() && maker_.settings_.bad_records == BadRecords::fail) {
            base::Error error = worker_.bad.front().error;
            if (error.hint.empty()) error.hint = "run.on_error: skip goes on without bad records and counts them";
            return error;
        }
        for (BadPlace& bad : worker_.bad) rows_.bad.push_back({records_[bad.place].id, std::move(bad.error)});
        return std::nullopt;
    }

    const WindowMaker& maker_;
    const Stages& stages_;
    const WindowCall call_;
    WindowRows& rows_;
    std::optional<std::uint64_t> part_;  // instead of the call's window
    WindowMaker::Worker& worker_;
    Laps laps_;
    std::span<const el_record> records_;
    std::vector<std::uint32_t>& planned_ = worker_.mover.texts();
    std::uint64_t text_bytes_ = 0;
    std::optional<base::Error> failure_;
};

WindowMaker::WindowMaker(const Stages& stages, const RecordOrder& order, StageClock& clock, Settings settings)
    : stages_(&stages), order_(&order), clock_(&clock), settings_(settings) {
    for (std::uint32_t worker = 0; worker < settings.workers; ++worker) workers_.push_back(std::make_unique<Worker>());
}

WindowMaker::~WindowMaker() = default;

WindowResult WindowMaker::make(const WindowCall& call, WindowRows& rows) const {
    return WindowMaking(*this, call, rows).make();
}

std::uint32_t WindowMaker::count(const WindowCall& call) const {
    WindowRows& rows = workers_[call.worker]->counted;
    WindowMaking(*this, call, rows).make_plan();
    return counted_rows(rows.row_count(), !rows.bad.empty());
}

std::uint32_t WindowMaker::count_part(std::uint64_t part, std::uint32_t worker_number) const {
    Worker& worker = *workers_[worker_number];
    if (settings_.bad_records == BadRecords::fail)  // no record is left out
        return counted_rows(order_->count_part(part, {*stages_->source, worker_number, worker.ids, worker.read}), false);
    WindowMaking making(*this, {.epoch = 0, .window = part, .worker = worker_number}, worker.counted, part);
    making.make_plan();
    return order_->records() ? making.good_places() : counted_rows(worker.counted.row_count(), !worker.counted.bad.empty());
}

}  // namespace embedloom::run
