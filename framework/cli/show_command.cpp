// embedloom show: one batch as a person would look at it.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/show.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace embedloom::cli {

namespace {

namespace po = boost::program_options;

std::size_t columns_of_terminal() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
    return 100;
}

Colour colour_of(const std::string& word) {
    if (word == "always") return Colour::on;
    if (word != "never" && word != "auto")
        throw base::Failure({.code = base::Code::usage, .found = "--colour " + word, .expected = "auto, always or never"});
    if (word == "never" || std::getenv("NO_COLOR")) return Colour::off;
    return ::isatty(STDOUT_FILENO) ? Colour::on : Colour::off;
}

/// The batch of a step; those before it are made and given back.
const run::Batch* batch_of(run::Session& session, std::uint64_t step) {
    const run::Batch* batch = session.next();
    while (batch && batch->step < step) {
        session.give_back(*batch);
        batch = session.next();
    }
    return batch;
}

}  // namespace

int show_command(const std::vector<std::string>& arguments) {
    Options options({.usage = "show CONFIG [options]",
                     .about = "Shows one batch: each token over its id, segment, mask, label and the first numbers of its vector, "
                              "and where each row came from.",
                     .example = "  embedloom show configs/bert_mlm.yaml --rows 2",
                     .positional = {"config"}});
    options.add_config_options();
    options.add()("step", po::value<std::int64_t>()->default_value(0)->value_name("N"), "which batch, from 0")(
        "rows", po::value<std::int64_t>()->default_value(4)->value_name("N"), "rows of it")(
        "vector", po::value<std::int64_t>()->default_value(3)->value_name("N"), "numbers of each vector")(
        "width", po::value<std::int64_t>()->value_name("N"), "columns of the picture; the terminal's by default")(
        "colour", po::value<std::string>()->default_value("auto")->value_name("WORD"), "auto, always, never");
    if (!options.parse(arguments)) return 0;
    try {
        run::OpenOptions open = options.open_options();
        open.without_sink = true;
        open.without_quarantine = true;
        open.log = log_to_stderr(Notes::hidden);
        const Colour colour = colour_of(options.get<std::string>("colour"));
        const std::uint64_t step = *options.number("step", {0, std::uint64_t{1} << 53});
        const auto session = run::Session::open(options.config(), std::move(open));
        const run::Batch* batch = batch_of(*session, step);
        if (!batch)
            throw base::Failure({.code = base::Code::usage, .found = "--step " + std::to_string(step),
                                 .expected = "a step of this run, which has " + std::to_string(session->progress().batches)});
        constexpr std::uint64_t most = 1 << 20;
        ShowOptions look{.rows = static_cast<std::uint32_t>(*options.number("rows", {0, most})),
                         .columns = columns_of_terminal(), .colour = colour,
                         .vector = static_cast<std::uint32_t>(*options.number("vector", {0, most}))};
        if (const auto width = options.number("width", {1, most})) look.columns = *width;
        std::cout << show(*batch, *session, look);
        session->give_back(*batch);
        return 0;
    } catch (const base::Failure& failure) {
        return report(failure, Style::people);
    }
}

}  // namespace embedloom::cli
