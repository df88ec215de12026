// Boost.Program_options behind the commands' common manners.
#include <embedloom/cli/options.h>

#include <iostream>

namespace embedloom::cli {

namespace po = boost::program_options;

Options::Options(Text text) : text_(std::move(text)), visible_("Options") {
    visible_.add_options()("help,h", "says this");
}

void Options::add_config_options() {
    visible_.add_options()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
                           "overrides a value of the config, e.g. --set batch.size=8; may be given often")(
        "plugin-path", po::value<std::vector<std::string>>()->value_name("FOLDER"),
        "a folder of plugins, looked through first; may be given often");
}

bool Options::parse(const std::vector<std::string>& arguments) {
    po::options_description all;
    po::positional_options_description places;
    all.add(visible_);
    for (std::string name : text_.positional) {
        const bool many = name.ends_with("...");
        if (many) name.resize(name.size() - 3);
        all.add_options()(name.c_str(), po::value<std::vector<std::string>>(), "");
        places.add(name.c_str(), many ? -1 : 1);
    }
    try {
        po::store(po::command_line_parser(arguments).options(all).positional(places).run(), values_);
        po::notify(values_);
    } catch (const po::error& error) {
        throw base::Failure({.code = base::Code::usage, .found = error.what(),
                             .hint = "see embedloom " + text_.usage.substr(0, text_.usage.find(' ')) + " --help"});
    }
    if (!has("help")) return true;
    std::cout << "embedloom " << text_.usage << "\n\n" << text_.about << "\n\n" << visible_;
    if (!text_.example.empty()) std::cout << "\nExample:\n" << text_.example << "\n";
    return false;
}

std::string Options::config() const {
    if (!has("config"))
        throw base::Failure({.code = base::Code::usage, .found = "no config", .expected = "embedloom " + text_.usage});
    return get<std::vector<std::string>>("config").front();
}

run::OpenOptions Options::open_options() const {
    run::OpenOptions options;
    options.sets = find<std::vector<std::string>>("set").value_or(std::vector<std::string>());
    for (const std::string& folder : find<std::vector<std::string>>("plugin-path").value_or(std::vector<std::string>()))
        options.plugin_folders.emplace_back(folder);
    options.steps = find<std::uint64_t>("steps");
    options.threads = find<std::uint32_t>("threads");
    return options;
}

}  // namespace embedloom::cli
