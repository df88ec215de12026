// The reference of all keys as Markdown tables.
#include <embedloom/config/generate.h>
#include <embedloom/config/schema.h>

#include <algorithm>
#include <set>

namespace embedloom::config {

namespace {

/// A cell of a table: on one line, with '|' escaped.
std::string cell(std::string text) {
    for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2) text.insert(i, "\\");
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string default_cell(const Parameter& parameter) {
    if (parameter.is_required) return "**required**";
    const bool is_section = parameter.type == Type::section || !parameter.fallback;
    return is_section ? "" : "`" + cell(*parameter.fallback) + "`";
}

void append_rows(const std::vector<Parameter>& table, const std::string& prefix, std::string& out) {
    for (const Parameter& parameter : table) {
        const std::string name = prefix + parameter.name;
        const std::string what = parameter.type == Type::section ? "a map" : expectation(parameter);
        out += "| `" + name + "` | " + cell(what) + " | " + default_cell(parameter) + " | " +
               cell(parameter.doc) + " |\n";
        append_rows(parameter.keys, name + ".", out);
    }
}

std::string table_of(const std::vector<Parameter>& parameters) {
    std::string out = "| key | value | default | meaning |\n|---|---|---|---|\n";
    append_rows(parameters, "", out);
    return out;
}

/// The one reading of each kind of value.
constexpr std::string_view how_values_are_written = R"(## How values are written

| value | written | refused |
|---|---|---|
| true or false | `true`, `false` | `yes`, `on`, `True`, `"true"` |
| an integer | `512`, `-1`: decimal digits | `010`, `0x10`, `1_000`, `1e3`, `1.0`, `8k`, `"512"` |
| a number | `0.15`, `1e-12`: as in JSON | `.5`, `1.`, `.nan`, `.inf`, `1e400` |
| a share | `1 %`, `0.01` | less than 0, more than 1 |
| a size | `65536`, `64 KiB`, `2 GiB`: bytes, or a whole number of B, KiB, MiB, GiB, TiB | `64 KB`, `64k`, `1.5 GiB` |
| text | any scalar, as it is written: `no` and `010` too | a list, a map |
| a path | relative to the folder of the config; `~/` is the home folder | a file that is not there |
| a list of files | files, folders (all below them but hidden ones; links are followed, each folder once), globs of `*`, `?`, `[...]`; )"
    R"(sorted bytewise; a file written twice is read twice | an entry that gives no file; )"
    R"(a folder or file that may not be read; a link that leads nowhere; a pipe or device |
| a list | `[a, b]`, or its only item alone | |
| a stage | `{use: NAME, ...}`, or `NAME` alone | a name that no plugin has |

`null` or `~` leaves a key out; an empty value is refused. `${NAME}` in a value takes an environment variable, `$${` stands for
`${`. Aliases (`&a`, `*a`) repeat a value, 100 times at most. Refused: tags, merge keys, keys given twice, a second document,
tabs in the indentation, what is not UTF-8, and a file above 1 MiB, 64 levels, 100000 values or 4096 keys in a map.

)";

std::vector<std::string> kinds_of(const Catalogue& catalogue) {
    std::set<std::string> kinds;
    for (const StageDescription& stage : catalogue.stages()) kinds.insert(stage.kind);
    return {kinds.begin(), kinds.end()};
}

std::string stage_section(const StageDescription& stage) {
    std::string out = "### " + stage.kind + ": " + stage.name + "\n\n" + stage.summary + "\n\n";
    if (!stage.doc.empty()) out += stage.doc + "\n\n";
    return out + (stage.parameters.empty() ? "It has no parameters.\n" : table_of(stage.parameters)) + "\n";
}

}  // namespace

std::string markdown_reference(const Catalogue& catalogue) {
    std::string out(how_values_are_written);
    out += "## Keys of the core\n\n" + table_of(top_level()) + "\n## Stages\n\n";
    for (const std::string& kind : kinds_of(catalogue))
        for (const std::string& name : catalogue.names(kind))
            out += stage_section(*catalogue.find(kind, name));
    return out;
}

}  // namespace embedloom::config
