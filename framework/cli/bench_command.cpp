// embedloom bench: how fast a config runs without its sink, and what holds it up.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/progress.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/signals.h>
#include <embedloom/cli/text_width.h>

#include <cstdio>
#include <iostream>

namespace embedloom::cli {

namespace {

namespace po = boost::program_options;

std::string percent(double share) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

/// Share of the work of each stage, and which one is the bottleneck.
std::string stage_table(const run::Progress& progress, double seconds) {
    double sum = 0;
    for (const std::uint64_t nanoseconds : progress.stage_nanoseconds) sum += static_cast<double>(nanoseconds) * 1e-9;
    std::string out = "stage        seconds   share of work\n";
    std::size_t slowest = 0;
    for (std::size_t i = 0; i < progress.stage_nanoseconds.size(); ++i) {
        if (progress.stage_nanoseconds[i] > progress.stage_nanoseconds[slowest]) slowest = i;
        char number[32];
        const double stage = static_cast<double>(progress.stage_nanoseconds[i]) * 1e-9;
        std::snprintf(number, sizeof number, "%.3f", stage);
        if (progress.stage_nanoseconds[i])
            out += padded(run::stage_names()[i], 10, Align::left) + padded(number, 10, Align::right) +
                   padded(percent(sum > 0 ? stage / sum : 0), 16, Align::right) + "\n";
    }
    const double waited = static_cast<double>(progress.wait_nanoseconds) * 1e-9;
    out += "the caller waited " + percent(seconds > 0 ? waited / seconds : 0) + " of the time\n";
    if (sum > 0) out += "bottleneck: " + run::stage_names()[slowest] + "\n";
    return out;
}

}  // namespace

int bench_command(const std::vector<std::string>& arguments) {
    Options options({.usage = "bench CONFIG [options]",
                     .about = "Runs a config as fast as it goes and drops the batches. Says the rate, where the time goes, and "
                              "which stage is the bottleneck.",
                     .example = "  embedloom bench configs/bert_mlm.yaml --threads 2",
                     .positional = {"config"}});
    options.add_config_options();
    options.add()("steps", po::value<std::int64_t>()->value_name("N"), "stops after N batches")(
        "threads", po::value<std::int64_t>()->value_name("N"), "as run.threads")("json", "the result as JSON");
    if (!options.parse(arguments)) return 0;
    const Style style = options.has("json") ? Style::machines : Style::people;
    try {
        run::OpenOptions open = options.open_options();
        open.without_sink = true;
        open.without_quarantine = true;
        open.log = log_to_stderr(Notes::hidden);
        const auto session = run::Session::open(options.config(), std::move(open));
        const ProgressLine clock(ProgressLine::Mode::none);
        const SignalGuard guard(*session);
        while (const run::Batch* batch = session->next()) session->give_back(*batch);
        const run::Progress progress = session->progress();
        const double seconds = clock.seconds();
        if (style == Style::machines)
            std::cout << progress_json(progress, seconds) << "\n";
        else
            std::cout << progress_line(progress, seconds) << "\n\n" << stage_table(progress, seconds);
        return 0;
    } catch (const base::Failure& failure) {
        return report(failure, style);
    }
}

}  // namespace embedloom::cli
