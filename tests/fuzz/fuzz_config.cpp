// A config of any bytes is checked without a crash, in bounded time; what is accepted has one canonical text;
// and a value that a mistake points at stands in the file.
// link: embedloom_config
#include <embedloom/config/checker.h>
#include <embedloom/config/config.h>
#include <embedloom/config/generate.h>
#include <embedloom/config/schema.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "unit/config/catalogue.h"

using namespace embedloom;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

/// Lines of the text as the config counts them: LF, CR LF and CR end one.
std::uint64_t line_count(std::string_view text) {
    std::uint64_t lines = 1;
    for (std::size_t i = 0; i < text.size(); ++i)
        lines += text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n") ? 1 : 0;
    return lines;
}

std::optional<std::string> environment(std::string_view name) {
    return name.size() % 2 == 0 ? std::optional<std::string>("${X} 7 \xC3\xA9") : std::nullopt;
}

/// The test catalogue with lists of files as plain lists: "files: /" would walk through the whole machine.
config::Catalogue catalogue_without_files() {
    const config::Catalogue all = config::test_catalogue();
    config::Catalogue out;
    for (config::StageDescription stage : all.stages()) {
        for (config::Parameter& parameter : stage.parameters)
            if (parameter.type == config::Type::files) parameter.type = config::Type::texts;
        out.add(std::move(stage));
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    config::Tree tree = config::parse(text, "fuzz");
    for (const base::Error& error : tree.errors) {
        require(error.line == base::no_place || (error.line >= 1 && error.line <= line_count(text)));
        require(!base::one_line(error).empty() && base::to_json(error).size() < 65536);
    }
    if (!tree.is_whole) {
        require(!tree.errors.empty());
        return 0;
    }
    config::Mistakes mistakes;
    config::apply_sets(tree, {"run.seed=1", std::string(text.substr(0, 200))}, mistakes);
    config::expand_environment(tree.root, environment, mistakes);
    if (tree.root.kind != config::Kind::map) return 0;
    static const config::Catalogue catalogue = catalogue_without_files();
    config::Spec spec;
    spec.root = config::Checker(catalogue, {"/nonexistent", "/home/x"}, mistakes)
                    .section(config::top_level(), tree.root, {});
    if (mistakes.empty()) require(!config::to_canonical_text(spec).empty());
    for (const base::Error& error : mistakes.take()) require(!base::one_line(error).empty());
    return 0;
}
