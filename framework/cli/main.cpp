// The embedloom program: finds the command and ends with its exit code.
#include <embedloom/base/mapped_file.h>
#include <embedloom/base/system_error.h>
#include <embedloom/cli/command.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/text_width.h>
#include <embedloom/run/catalogue.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>
#include <system_error>

namespace embedloom::cli {

std::span<const Command> commands() {
    static constexpr std::array list{
        Command{"run", "CONFIG", "text to batches to the config's sink", &run_command},
        Command{"check", "CONFIG", "every mistake of a config at once, nothing started", &check_command},
        Command{"show", "CONFIG", "one batch, as a person would look at it", &show_command},
        Command{"bench", "CONFIG", "how fast a config runs, and what holds it up", &bench_command},
        Command{"plugins", "", "the plugins that there are", &plugins_command},
        Command{"describe", "NAME", "what a plugin does and its parameters", &describe_command},
        Command{"schema", "", "a JSON Schema of configs, for editors", &schema_command},
        Command{"template", "STAGE=NAME...", "a commented config to fill in", &template_command},
    };
    return list;
}

namespace {

void say_help(std::ostream& out) {
    out << "embedloom " << EMBEDLOOM_VERSION << ": raw text to transformer training batches, input embeddings included\n\n"
        << "usage: embedloom COMMAND ...\n\n";
    for (const Command& command : commands())
        out << "  " << padded(std::string(command.name) + " " + command.arguments, 26, Align::left) << command.summary << "\n";
    out << "\nembedloom COMMAND --help says more. Exit codes: 0 done, 64 command line, 65 bad data, 66 no such file, 70 a bug of\n"
           "ours or of a plugin, 71 memory, 73 output, 74 input/output, 75 no progress, 77 permission, 78 config, 130 and\n"
           "143 stopped.\n";
}

/// What a command printed must have arrived: a full disk behind `>` is no success.
int ended(int code) {
    std::cout.flush();
    if (std::cout || code != 0) return code;
    throw base::Failure({.code = base::Code::io, .source = "standard output", .found = "text that cannot be written",
                         .hint = "is the disk full?"});
}

int run_named(const std::string& name, const std::vector<std::string>& arguments) {
    for (const Command& command : commands())
        if (name == command.name) return ended(command.run(arguments));
    std::vector<std::string> names;
    std::string all;
    for (const Command& command : commands()) {
        names.emplace_back(command.name);
        all += (all.empty() ? "" : ", ") + names.back();
    }
    const std::string near = run::nearest(name, names);
    throw base::Failure({.code = base::Code::usage, .found = "command '" + name + "'", .expected = "one of " + all,
                         .hint = near.empty() ? "see embedloom --help" : "did you mean '" + near + "'?"});
}

/// Whether memory has run out in this thread.
thread_local bool had_no_memory = false;

void on_no_memory() {
    had_no_memory = true;
    throw std::bad_alloc();
}

/// What is on disk is whole, so this end is as good as another. `text` needs no memory.
[[noreturn]] void end_short_of(std::string_view text) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    ::_exit(static_cast<int>(base::Code::resources));
}

constexpr std::string_view no_memory = "error: found no memory left\n";
constexpr std::string_view no_threads =
    "error: found a thread that cannot be started; lower run.threads, or raise the limits on processes (ulimit -u) and memory "
    "(ulimit -v)\n";

/// Where even telling of a lack of memory takes memory; where that comes at a place of the standard library that lets no
/// exception pass, which ends the program before the exception can be looked at; and where a thread of oneTBB's cannot start
/// another, which throws where nobody can catch.
[[noreturn]] void on_terminate() {
    try {
        if (std::current_exception()) throw;
    } catch (const std::bad_alloc&) {
        end_short_of(no_memory);
    } catch (const std::exception& error) {
        if (std::string_view(error.what()).starts_with("pthread_create has failed")) end_short_of(no_threads);
        std::abort();
    } catch (...) {
        std::abort();
    }
    if (had_no_memory) end_short_of(no_memory);
    std::abort();
}

int main_of(const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        say_help(std::cerr);
        return static_cast<int>(base::Code::usage);
    }
    if (arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
        say_help(std::cout);
        return ended(0);
    }
    if (arguments[0] == "--version") {
        std::cout << "embedloom " << EMBEDLOOM_VERSION << "\n";
        return ended(0);
    }
    return run_named(arguments[0], {arguments.begin() + 1, arguments.end()});
}

}  // namespace

}  // namespace embedloom::cli

int main(int count, char** values) {
    using namespace embedloom;
    try {
        base::report_lost_mappings();
        std::set_new_handler(cli::on_no_memory);
        std::set_terminate(cli::on_terminate);
        return cli::main_of({values + 1, values + count});
    } catch (const base::Failure& failure) {
        return cli::report(failure, cli::Style::people);
    } catch (const std::bad_alloc&) {
        return cli::report(base::Failure({.code = base::Code::resources, .found = "no memory left"}), cli::Style::people);
    } catch (const std::system_error& error) {
        return cli::report(base::Failure(base::error_of(error)), cli::Style::people);
    } catch (const std::exception& error) {
        return cli::report(base::Failure({.code = base::Code::internal, .found = error.what(), .hint = "this is a bug: please report it"}),
                           cli::Style::people);
    }
}
