// embedloom run: text to sink, with a progress line and the ledger at the end.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/progress.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/signals.h>

#include <iostream>

namespace embedloom::cli {

namespace {

namespace po = boost::program_options;

/// Batches to the sink until the end. What was written stays valid whatever happens.
void run_to_end(run::Session& session, ProgressLine& line) {
    const SignalGuard guard(session);
    while (const run::Batch* batch = session.next()) {
        session.write(*batch);
        session.give_back(*batch);
        line.update(session);
    }
    session.finish_sink();
}

void say_result(const run::Session& session, const ProgressLine& line, Style style) {
    const run::Progress progress = session.progress();
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
        "progress", po::value<std::string>()->default_value("auto")->value_name("WORD"),
        "auto: a live line on a terminal, else plain lines; plain; none")("json", "the result and errors as JSON");
    if (!options.parse(arguments)) return 0;
    const Style style = options.has("json") ? Style::machines : Style::people;
    run::OpenOptions open = options.open_options();
    const ProgressLine::Mode mode = ProgressLine::mode_of(options.get<std::string>("progress"));
    const bool quiet = mode == ProgressLine::Mode::none;
    open.log = log_to_stderr(quiet ? Notes::hidden : Notes::shown);
    std::unique_ptr<run::Session> session;
    ProgressLine line(mode);
    try {
        session = run::Session::open(options.config(), std::move(open));
        if (!session->has_sink() && !quiet) std::cerr << "note: the config has no sink: batches are made and dropped\n";
        run_to_end(*session, line);
    } catch (const base::Failure& failure) {
        line.end();
        const int code = report(failure, style);
        if (session && (!quiet || style == Style::machines)) say_result(*session, line, style);
        return code;
    }
    line.end();
    if (!quiet || style == Style::machines) say_result(*session, line, style);
    return 0;
}

}  // namespace embedloom::cli
