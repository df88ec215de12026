// The command line of one command: what it takes, what --help says, and what was given.
#pragma once

#include <embedloom/run/session.h>

#include <boost/program_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::cli {

/// Parses a command's arguments. Throws base::Failure (usage) for what it does not know.
class Options {
  public:
    /// `usage`: "run CONFIG"; `about`: a paragraph; `positional`: names of the arguments without dashes, "..." at the end of
    /// the last for any number.
    struct Text {
        std::string usage, about, example;
        std::vector<std::string> positional;
    };
    explicit Options(Text text);

    /// For adding options: options.add()("rows", value<unsigned>(), "...").
    boost::program_options::options_description_easy_init add() { return visible_.add_options(); }
    /// --plugin-path: every command has it.
    void add_plugin_options();
    /// --set and --plugin-path: every command that reads a config has them.
    void add_config_options();

    /// False when --help was asked for and printed: the command ends with 0.
    bool parse(const std::vector<std::string>& arguments);

    bool has(const std::string& name) const { return values_.count(name) != 0; }
    template <class T>
    T get(const std::string& name) const {
        return values_[name].as<T>();
    }
    /// A number from `least` to `most`, where it was given. Throws base::Failure (usage) outside.
    struct Range {
        std::uint64_t least, most;
    };
    std::optional<std::uint64_t> number(const std::string& name, Range range) const;
    template <class T>
    std::optional<T> find(const std::string& name) const {
        return has(name) ? std::optional<T>(get<T>(name)) : std::nullopt;
    }
    /// The config's path: the first positional argument.
    std::string config() const;
    /// --set, --plugin-path, and where they are options of the command --steps, --threads, --rank and --world-size.
    run::OpenOptions open_options() const;

  private:
    Text text_;
    boost::program_options::options_description visible_;
    boost::program_options::variables_map values_;
};

}  // namespace embedloom::cli
