// What a config may say: tables of parameters, those of the core and those that plugins declare, in one form.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::config {

/// How a value is written and what it becomes in a Value.
enum class Type {
    boolean,    ///< true, false -> bool
    integer,    ///< 512 -> std::int64_t; decimal digits alone
    number,     ///< 0.15, 1e-12 -> double; as JSON writes numbers
    share,      ///< 1 %, 0.01 -> double from 0 to 1
    size,       ///< 65536, 64 KiB -> std::int64_t, bytes
    text,       ///< any scalar -> std::string
    choice,     ///< one of `choices` -> std::string
    path,       ///< a file that exists -> std::string, absolute
    directory,  ///< a folder for output, made if missing -> std::string, absolute
    files,      ///< files, folders, globs -> std::vector<std::string>, absolute, sorted bytewise
    folders,    ///< folders that exist -> std::vector<std::string>, absolute
    texts,      ///< a list of texts -> std::vector<std::string>
    stage,      ///< `{use: NAME, ...}`, or NAME alone -> one Section
    stages,     ///< a list of these -> Sections
    section,    ///< a map with `keys` -> one Section
};

/// One key of a config: the source of checks, help, docs, editor schemas and templates alike.
struct Parameter {
    std::string name;
    Type type = Type::text;
    bool is_required = false;
    std::optional<std::string> fallback;  ///< the default, as YAML writes it; nothing: the value may be
                                          ///< unset. A section with one is there although it is not written
    double minimum = -std::numeric_limits<double>::infinity();  ///< integer, number, share, size; inclusive
    double maximum = std::numeric_limits<double>::infinity();
    std::vector<std::string>
        choices;  ///< choice: what there is; integer, size: words that may stand instead of a number
    std::string stage_kind;       ///< stage, stages: "table"
    std::string shorthand;        ///< section: the key that a bare scalar stands for
    std::vector<Parameter> keys;  ///< section; stage: the core's keys beside those of the plugin
    std::string unit;             ///< "tokens"
    std::string doc;              ///< one or two sentences
    bool keeps_rows = false;  ///< can change no row: left out of the fingerprint, with all that is below it
};

/// What a plugin says of one of its stages.
struct StageDescription {
    std::string kind;     ///< "tokenizer"
    std::string name;     ///< what `use:` says
    std::string version;  ///< major.minor.patch
    std::string summary;  ///< one line
    std::string doc;      ///< Markdown
    std::vector<Parameter> parameters;
};

/// The stages there are. Made by who knows the plugins; the config room only looks things up. [main]
class Catalogue {
  public:
    /// The first of a kind and name stays; a later one is not taken and gives false.
    bool add(StageDescription stage);
    /// For messages: where plugins were looked for.
    void add_place(std::string folder) { places_.push_back(std::move(folder)); }

    const StageDescription* find(const std::string& kind, const std::string& name) const;
    /// The names of a kind, sorted.
    std::vector<std::string> names(const std::string& kind) const;
    /// The kinds that have a stage of that name, sorted.
    std::vector<std::string> kinds_of(const std::string& name) const;
    const std::vector<StageDescription>& stages() const { return stages_; }
    const std::vector<std::string>& places() const { return places_; }

  private:
    std::vector<StageDescription> stages_;
    std::vector<std::string> places_;
};

/// What a value of the parameter may be, for people: "an integer from 1 to 8 tokens, or auto".
std::string expectation(const Parameter& parameter);

/// "a, b or c"
std::string joined(const std::vector<std::string>& words, const std::string& last = "or");

/// The one of `names` that `word` is likely to mean, or "": few letters apart, or the start of it.
std::string nearest(const std::string& word, const std::vector<std::string>& names);

/// `value` with as few digits as give it back: "0.15", "1e-12", "1048576".
std::string number_text(double value);

/// "64 KiB", "1000": in the largest unit that needs no fraction.
std::string size_text(std::int64_t bytes);

/// The parameters' names, in the order of the table.
std::vector<std::string> names_of(const std::vector<Parameter>& table);

}  // namespace embedloom::config
