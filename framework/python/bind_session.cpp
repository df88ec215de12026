// The class Session of the module: opens a config, gives leases, tells how far it is.
#include <embedloom/python/bindings.h>
#include <embedloom/python/errors.h>
#include <embedloom/python/lease.h>
#include <embedloom/python/no_gil.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

/// The session of one Python object: closed when that goes, though arrays of its batches live on.
class PySession {
  public:
    PySession(std::shared_ptr<SharedSession> shared, std::shared_ptr<Log> log, Opening opening)
        : shared_(std::move(shared)), log_(std::move(log)), opening_(std::move(opening)) {}
    PySession(PySession&&) = default;
    ~PySession() {
        if (shared_) close();
    }

    SharedSession& shared() { return *shared_; }
    const Opening& opening() const { return opening_; }
    void close() {
        const NoGil no_gil;
        shared_->close();
    }
    std::vector<std::pair<int, std::string>> take_log() {
        std::vector<std::pair<int, std::string>> out;
        for (auto& [severity, text] : log_->take()) out.emplace_back(static_cast<int>(severity), std::move(text));
        return out;
    }

  private:
    std::shared_ptr<SharedSession> shared_;
    std::shared_ptr<Log> log_;
    Opening opening_;
};

run::OpenOptions options_of(const Opening& opening, const std::shared_ptr<Log>& log) {
    run::OpenOptions options{.sets = opening.sets, .plugin_folders = opening.plugin_folders, .home = opening.home,
                             .threads = opening.threads, .steps = opening.steps, .rank = opening.rank, .world_size = opening.world_size,
                             .state = opening.state, .state_name = "the state", .fingerprint = opening.fingerprint,
                             .accept_changed_data = opening.accept_changed_data,
                             .records = opening.records, .without_sink = true};
    options.log = [log](base::Severity severity, std::string_view text) { log->add(severity, text); };
    return options;
}

PySession open_session(const Opening& opening) {
    const auto log = std::make_shared<Log>();
    const NoGil no_gil;
    std::unique_ptr<run::Session> session = opening.guard([&] {
        run::OpenOptions options = options_of(opening, log);
        return opening.text ? run::Session::open(run::ConfigText{*opening.text, opening.config, opening.folder}, std::move(options))
                            : run::Session::open(std::filesystem::path(opening.config), std::move(options));
    });
    Opening kept = opening;
    kept.records.reset();  // who lent them says when the loan ends
    return {std::make_shared<SharedSession>(std::move(session)), log, std::move(kept)};
}

nb::dict ledger_of(const run::Progress& progress) {
    const auto& ledger = progress.ledger;
    nb::dict out;
    out["read"] = ledger.read;
    out["emitted"] = ledger.emitted;
    out["filtered"] = ledger.filtered;
    out["skipped"] = ledger.skipped;
    out["quarantined"] = ledger.quarantined;
    out["cut_at_tail"] = ledger.cut_at_tail;
    out["pending"] = ledger.pending;
    out["elsewhere"] = ledger.elsewhere;
    out["split"] = ledger.split;
    out["repeats"] = ledger.repeats;
    out["balanced"] = ledger.balance() == 0;
    return out;
}

/// What a person asks of a running session.
nb::dict progress_of(PySession& self) {
    run::Progress progress;
    {
        const NoGil no_gil;
        progress = self.shared().use([](run::Session& session) { return session.progress(); });
    }
    nb::dict out, stages;
    out["batches"] = progress.batches;
    out["rows"] = progress.rows;
    out["tokens"] = progress.tokens;
    out["padded_tokens"] = progress.padded_tokens;
    out["text_bytes"] = progress.text_bytes;
    out["passed_over"] = progress.passed_over;
    out["share"] = progress.share ? nb::object(nb::float_(*progress.share)) : nb::none();
    out["waited_seconds"] = static_cast<double>(progress.wait_nanoseconds) * 1e-9;
    for (std::size_t i = 0; i < progress.stage_nanoseconds.size(); ++i)
        stages[run::stage_names()[i].c_str()] = static_cast<double>(progress.stage_nanoseconds[i]) * 1e-9;
    out["stage_seconds"] = stages;
    out["ledger"] = ledger_of(progress);
    return out;
}

nb::dict summary_of(PySession& self) {
    run::Summary summary;
    {
        const NoGil no_gil;
        summary = self.shared().use([](run::Session& session) { return session.summary(); });
    }
    nb::list notes;
    for (const base::Error& note : summary.notes) notes.append(base::one_line(note));
    nb::dict out;
    out["lines"] = nb::cast(summary.lines);
    out["notes"] = notes;
    out["fingerprint"] = summary.fingerprint;
    return out;
}

nb::object pieces_of(PySession& self, const std::vector<std::uint32_t>& ids) {
    std::vector<std::string> pieces;
    {
        const NoGil no_gil;
        pieces = self.shared().use([&](run::Session& session) { return session.pieces(ids); });
    }
    nb::list out;
    for (const std::string& piece : pieces)  // a piece of a byte-level vocabulary need not be UTF-8
        out.append(nb::steal(PyUnicode_DecodeUTF8(piece.data(), static_cast<Py_ssize_t>(piece.size()), "backslashreplace")));
    return out;
}

std::string state_of(PySession& self) {
    const NoGil no_gil;
    return self.opening().guard([&] { return self.shared().use_opened([](run::Session& session) { return session.state(); }); });
}

std::optional<std::uint64_t> length_of(PySession& self) {
    const NoGil no_gil;
    return self.opening().guard([&] { return self.shared().use_long([](run::Session& session) { return session.length(); }); });
}

std::optional<std::uint64_t> last_rows_of(PySession& self) {
    const NoGil no_gil;
    return self.opening().guard([&] { return self.shared().use_long([](run::Session& session) { return session.last_rows(); }); });
}

run::WindowRange range_of(std::uint64_t epoch, std::uint64_t begin, std::uint64_t end) { return {.epoch = epoch, .windows = {begin, end}}; }

std::optional<std::uint64_t> rows_of(PySession& self, std::uint64_t epoch, std::uint64_t begin, std::uint64_t end) {
    const NoGil no_gil;
    const auto rows = [&](run::Session& session) { return session.rows(range_of(epoch, begin, end)); };
    return self.opening().guard([&] { return self.shared().use_long(rows); });
}

std::uint64_t epochs_of(PySession& self) {
    const NoGil no_gil;
    return self.opening().guard([&] { return self.shared().use([](run::Session& session) { return session.epochs(); }); });
}

/// Windows of an epoch.
std::uint64_t windows_of(PySession& self) {
    const NoGil no_gil;
    return self.opening().guard([&] { return self.shared().use_opened([](run::Session& session) { return session.windows(); }); });
}

nb::tuple rank_of(PySession& self) {
    return nb::make_tuple(self.shared().rank(), self.shared().world_size());
}

/// The tables of the embedding by name, and how they are put together.
nb::tuple embedding_of(PySession& self) {
    run::EmbeddingTables tables;
    {
        const NoGil no_gil;
        tables = self.shared().use([](run::Session& session) { return session.embedding(); });
    }
    std::vector<Part> parts;
    for (const run::Tensor* tensor : {&tables.token, &tables.segment, &tables.positions, &tables.weight, &tables.bias})
        if (!tensor->shape.empty())
            parts.push_back({tensor->name, tensor->dtype, {tensor->shape.begin(), tensor->shape.end()}, tensor->memory.share()});
    nb::dict how;
    how["has_learned_positions"] = tables.has_learned_positions;
    how["scale"] = tables.scale;
    how["norm"] = tables.norm;
    how["epsilon"] = tables.epsilon;
    how["dtype"] = tables.dtype;
    return nb::make_tuple(Lease::of(std::move(parts)), how);
}

nb::dict record_of(PySession& self, std::uint64_t id) {
    run::RecordText record;
    {
        const NoGil no_gil;
        record = self.shared().use([&](run::Session& session) { return session.record(id); });
    }
    nb::dict out, fields;
    for (const auto& field : record.fields)
        std::visit([&](const auto& value) { fields[field.name.c_str()] = nb::cast(value); }, field.value);
    out["bytes"] = record.bytes;
    out["fields"] = fields;
    return out;
}

}  // namespace

void bind_sessions(nb::module_& module) {
    nb::class_<PySession>(module, "Session", "A checked config and its running batches.")
        .def("next", [](PySession& self) { return self.opening().guard([&] { return self.shared().next(); }); }, nb::sig("def next(self) -> Lease | None"))
        .def("close", &PySession::close)
        .def("cancel", [](PySession& self) { self.shared().cancel(); })
        .def_prop_ro("is_closed", [](PySession& self) { return self.shared().is_closed(); })
        .def("take_log", &PySession::take_log)
        .def("progress", &progress_of)
        .def("summary", &summary_of)
        .def("state", &state_of)
        .def("length", &length_of)
        .def("last_rows", &last_rows_of)
        .def("rank", &rank_of, nb::sig("def rank(self) -> tuple[int, int]"))
        .def("begin_epoch",
             [](PySession& self, std::uint64_t epoch) { self.opening().guard([&] { self.shared().begin_epoch(epoch); }); },
             nb::call_guard<NoGil>())
        .def("begin_windows",
             [](PySession& self, std::uint64_t epoch, std::uint64_t begin, std::uint64_t end) {
                 self.opening().guard([&] { self.shared().begin_windows(range_of(epoch, begin, end)); });
             },
             nb::arg("epoch"), nb::arg("begin"), nb::arg("end"), nb::call_guard<NoGil>())
        .def("windows", &windows_of)
        .def("epochs", &epochs_of)
        .def("rows", &rows_of, nb::arg("epoch"), nb::arg("begin"), nb::arg("end"))
        .def("record", &record_of)
        .def("embedding", &embedding_of, nb::sig("def embedding(self) -> tuple[Lease, dict[str, typing.Any]]"))
        .def("pieces", &pieces_of, nb::sig("def pieces(self, ids: collections.abc.Sequence[int]) -> list[str]"));
    module.def("end_of_interpreter", [] { end_of_interpreter(std::chrono::seconds(10)); });
    module.def("merge_states", [](const std::vector<std::string>& states) { return run::Session::merge_states(states); });
    module.def("open", &open_session, nb::arg("opening"));
}

}  // namespace embedloom::python
