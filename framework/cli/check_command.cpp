// embedloom check: every mistake of a config at once, with nothing started.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/report.h>

#include <iostream>

namespace embedloom::cli {

int check_command(const std::vector<std::string>& arguments) {
    Options options({.usage = "check CONFIG [options]",
                     .about = "Finds every mistake of a config in one go: unknown keys, wrong values, missing files, sizes that do "
                              "not fit together. Starts nothing. Ends with 0 when the config can run.",
                     .example = "  embedloom check configs/bert_pair.yaml",
                     .positional = {"config"}});
    options.add_config_options();
    options.add()("tables", "also looks at every number of every table: all must be finite")("json", "errors as JSON");
    if (!options.parse(arguments)) return 0;
    try {
        run::OpenOptions open = options.open_options();
        open.scan_tables = options.has("tables");
        open.log = log_to_stderr(Notes::shown);
        const auto session = run::Session::open(options.config(), std::move(open));
        for (const std::string& line : session->summary().lines) std::cout << line << "\n";
        for (const base::Error& note : session->summary().notes)
            if (note.severity == base::Severity::note) std::cout << "note: " << base::one_line(note) << "\n";  // the others are logged
        std::cout << "no mistakes\n";
        return 0;
    } catch (const base::Failure& failure) {
        return report(failure, options.has("json") ? Style::machines : Style::people);
    }
}

}  // namespace embedloom::cli
