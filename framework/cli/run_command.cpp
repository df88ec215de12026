// embedloom run: text to sink, with a progress line and the ledger at the end.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/progress.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/signals.h>
#include <embedloom/run/rank.h>
#include <embedloom/run/state_file.h>

#include <iostream>

namespace embedloom::cli {

namespace {

namespace po = boost::program_options;

/// Batches to the sink until the end. What was written stays valid whatever happens. The state is written once a batch is whole in
/// the sink: after a kill between the two the batch is made and written again.
void run_to_end(run::Session& session, ProgressLine& line, const std::string& state) {
    const SignalGuard guard(session);
    // Before the first batch: whoever kills the run from here on leaves a state by which the next knows the folder for its own.
    if (!state.empty()) run::write_state(state, session.state());
    while (const run::Batch* batch = session.next()) {
        session.write(*batch);
        if (!state.empty()) run::write_state(state, session.state());
        session.give_back(*batch);
        line.update(session);
    }
    session.finish_sink();
}

/// The path of the state file, if one was asked for; what stands in it goes into `open`.
std::string state_of(const Options& options, run::OpenOptions& open) {
    open.accept_changed_data = options.has("accept-changed-data");
    const auto asked = options.find<std::string>("state");
    if (!asked) return "";
    const run::RankChoice rank = run::choose_rank(open.rank, open.world_size, run::environment_of_process);
    const std::string path = run::state_path(*asked, rank.rank, rank.world);
    open.state = run::read_state(path);
    open.state_name = path;
    return path;
}

/// How a run ended, and whether its user wants to hear of that.
struct Outcome {
    bool has_failed, is_quiet;
};

/// Bad records are told whoever wants to hear nothing.
void say_result(const run::Session& session, const ProgressLine& line, Style style, const Outcome& outcome) {
    run::Progress progress = session.progress();
    if (outcome.has_failed) progress.share.reset();  // it has ended, but is not done
    const bool has_bad_records = progress.ledger.skipped + progress.ledger.quarantined > 0;
    if (outcome.is_quiet && style == Style::people && !has_bad_records) return;
    if (style == Style::machines)
        std::cout << progress_json(progress, line.seconds()) << "\n";
    else
        std::cerr << progress_line(progress, line.seconds()) << "\n" << ledger_table(progress);
}

}  // namespace

int run_command(const std::vector<std::string>& arguments) {
    Options options({.usage = "run CONFIG [options]",
                     .about = "Runs a config: text to batches to the config's sink. The ledger at the end says what became of "
                              "every record.",
                     .example = "  embedloom run configs/bert_mlm.yaml --set batch.size=128 --steps 100",
                     .positional = {"config"}});
    options.add_config_options();
    options.add()("steps", po::value<std::int64_t>()->value_name("N"), "stops after N batches")(
        "threads", po::value<std::int64_t>()->value_name("N"), "as run.threads; changes no byte of the result")(
        "rank", po::value<std::int64_t>()->value_name("N"), "which of the ranks this is, from 0; else as torchrun, SLURM or Open MPI say")(
        "world-size", po::value<std::int64_t>()->value_name("N"), "how many ranks there are")(
        "state", po::value<std::string>()->value_name("FILE"),
        "goes on from there, and writes it after each batch; with ranks, -r00000 and so on stand behind the name")(
        "accept-changed-data", "goes on although the data files are not those of the state")(
        "progress", po::value<std::string>()->default_value("auto")->value_name("WORD"),
        "auto: a live line on a terminal, else plain lines; plain; none: no word but of errors and bad records")("json", "the result and errors as JSON");
    if (!options.parse(arguments)) return 0;
    const Style style = options.has("json") ? Style::machines : Style::people;
    run::OpenOptions open = options.open_options();
    const ProgressLine::Mode mode = ProgressLine::mode_of(options.get<std::string>("progress"));
    const bool quiet = mode == ProgressLine::Mode::none;
    open.log = log_to_stderr(quiet ? Notes::hidden : Notes::shown);
    std::unique_ptr<run::Session> session;
    std::string state;
    ProgressLine line(mode);
    try {
        state = state_of(options, open);
        session = run::Session::open(options.config(), std::move(open));
        if (!session->has_sink() && !quiet) std::cerr << "note: the config has no sink: batches are made and dropped\n";
        run_to_end(*session, line, state);
    } catch (const base::Failure& failure) {
        line.end();
        const int code = report(failure, style);
        if (session) say_result(*session, line, style, {.has_failed = true, .is_quiet = quiet});
        return code;
    }
    line.end();
    say_result(*session, line, style, {.has_failed = false, .is_quiet = quiet});
    return 0;
}

}  // namespace embedloom::cli
