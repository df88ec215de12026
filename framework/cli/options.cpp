// Boost.Program_options behind the commands' common manners.
#include <embedloom/cli/options.h>

#include <iostream>

namespace embedloom::cli {

namespace po = boost::program_options;

Options::Options(Text text) : text_(std::move(text)), visible_("Options") {
    visible_.add_options()("help,h", "says this");
}

namespace {

/// What was written for an option, as `--name value` or `--name=value`.
std::string value_after(const std::string& option, const std::vector<std::string>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == option && i + 1 < arguments.size()) return arguments[i + 1];
        if (arguments[i].starts_with(option + "=")) return arguments[i].substr(option.size() + 1);
    }
    return "";
}

}  // namespace

void Options::add_plugin_options() {
    visible_.add_options()("plugin-path", po::value<std::vector<std::string>>()->value_name("FOLDER"),
                           "a folder of plugins, looked through first; may be given often");
}

void Options::add_config_options() {
    visible_.add_options()("set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
                           "overrides a value of the config, e.g. --set batch.size=8; may be given often");
    add_plugin_options();
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
    } catch (const po::validation_error& error) {
        throw base::Failure({.code = base::Code::usage, .found = error.get_option_name() + " " + value_after(error.get_option_name(), arguments),
                             .expected = "an integer of at most 64 bits"});
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

std::optional<std::uint64_t> Options::number(const std::string& name, Range range) const {
    const auto given = find<std::int64_t>(name);
    if (!given) return std::nullopt;
    // A negative number is far above every `most`.
    const auto value = static_cast<std::uint64_t>(*given);
    if (value < range.least || value > range.most)
        throw base::Failure({.code = base::Code::usage, .found = "--" + name + " " + std::to_string(*given),
                             .expected = std::to_string(range.least) + " to " + std::to_string(range.most)});
    return value;
}

run::OpenOptions Options::open_options() const {
    run::OpenOptions options;
    options.sets = find<std::vector<std::string>>("set").value_or(std::vector<std::string>());
    for (const std::string& set : options.sets)
        if (set.find('=') == std::string::npos)
            throw base::Failure({.code = base::Code::usage, .found = "--set " + set, .expected = "--set KEY=VALUE", .hint = "as in --set run.seed=7"});
    for (const std::string& folder : find<std::vector<std::string>>("plugin-path").value_or(std::vector<std::string>()))
        options.plugin_folders.emplace_back(folder);
    options.steps = number("steps", {1, std::uint64_t{1} << 53});
    if (const auto threads = number("threads", {1, 1024})) options.threads = static_cast<std::uint32_t>(*threads);
    if (const auto rank = number("rank", {0, UINT32_MAX - 1})) options.rank = static_cast<std::uint32_t>(*rank);
    if (const auto world = number("world-size", {1, UINT32_MAX})) options.world_size = static_cast<std::uint32_t>(*world);
    return options;
}

}  // namespace embedloom::cli
