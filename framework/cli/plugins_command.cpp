// embedloom plugins, describe, schema, template: what there is, and how to write it down.
#include <embedloom/cli/command.h>
#include <embedloom/cli/options.h>
#include <embedloom/cli/report.h>
#include <embedloom/run/catalogue.h>

#include <iostream>

namespace embedloom::cli {

namespace {

/// The text of one question about the plugins, or the error.
template <class Ask>
int answer(const Options& options, Ask ask) {
    try {
        const run::Catalogue catalogue(options.open_options().plugin_folders);
        std::cout << ask(catalogue);
        return 0;
    } catch (const base::Failure& failure) {
        return report(failure, Style::people);
    }
}

Options plugin_options(Options::Text text) {
    Options options(std::move(text));
    options.add_plugin_options();
    return options;
}

}  // namespace

int plugins_command(const std::vector<std::string>& arguments) {
    Options options = plugin_options({.usage = "plugins [options]",
                                      .about = "Lists the plugins that can be used, by kind, and files that cannot be used and why."});
    if (!options.parse(arguments)) return 0;
    return answer(options, [](const run::Catalogue& catalogue) { return catalogue.list(); });
}

int describe_command(const std::vector<std::string>& arguments) {
    Options options = plugin_options({.usage = "describe NAME [options]",
                                      .about = "Says what a plugin does and what its parameters are. NAME is wordpiece, or "
                                               "tokenizer/wordpiece where two kinds share a name. With --markdown instead of a "
                                               "NAME: every key of a config and of every plugin, as docs/config.md has them.",
                                      .example = "  embedloom describe wordpiece",
                                      .positional = {"name"}});
    options.add()("markdown", "the whole reference, in Markdown");
    if (!options.parse(arguments)) return 0;
    if (options.has("markdown")) return answer(options, [](const run::Catalogue& catalogue) { return catalogue.reference(); });
    return answer(options, [&](const run::Catalogue& catalogue) {
        const auto names = options.find<std::vector<std::string>>("name");
        if (!names)
            throw base::Failure({.code = base::Code::usage, .found = "no name", .expected = "embedloom describe NAME"});
        for (const base::Error& error : catalogue.left_out())
            log_to_stderr(Notes::shown)(base::Severity::warning, "a plugin that is left out: " + base::one_line(error));
        return catalogue.describe(names->front());
    });
}

int schema_command(const std::vector<std::string>& arguments) {
    Options options = plugin_options({.usage = "schema [options]",
                                      .about = "Prints a JSON Schema of configs, for editors: completion, help and checks as one types.",
                                      .example = "  embedloom schema > embedloom.schema.json"});
    if (!options.parse(arguments)) return 0;
    return answer(options, [](const run::Catalogue& catalogue) { return catalogue.schema(); });
}

int template_command(const std::vector<std::string>& arguments) {
    Options options = plugin_options({.usage = "template STAGE=NAME... [options]",
                                      .about = "Prints a commented config with the stages named, to be filled in.",
                                      .example = "  embedloom template source=text tokenizer=wordpiece segment=single",
                                      .positional = {"stages..."}});
    if (!options.parse(arguments)) return 0;
    return answer(options, [&](const run::Catalogue& catalogue) {
        return catalogue.config_template(
            options.find<std::vector<std::string>>("stages").value_or(std::vector<std::string>()));
    });
}

}  // namespace embedloom::cli
