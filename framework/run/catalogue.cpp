// Answers about plugins, from their declarations.
#include <embedloom/config/generate.h>
#include <embedloom/host/registry.h>
#include <embedloom/run/catalogue.h>
#include <embedloom/run/description.h>
#include <embedloom/run/plugin_folders.h>

#include <algorithm>

namespace embedloom::run {

struct Catalogue::Parts {
    explicit Parts(const std::vector<std::filesystem::path>& folders) : registry(plugin_folders(folders, {})) {
        stages = catalogue_of(registry);
    }
    host::Registry registry;
    config::Catalogue stages;
};

Catalogue::Catalogue(const std::vector<std::filesystem::path>& folders) : parts_(std::make_unique<Parts>(folders)) {}
Catalogue::~Catalogue() = default;

const std::vector<base::Error>& Catalogue::left_out() const { return parts_->registry.broken(); }

std::string Catalogue::list() const {
    std::size_t names = 0;
    for (const host::Listing& listing : parts_->registry.listings())
        names = std::max(names, host::plugin_name(listing.stage).size());
    std::string out;
    for (const host::Listing& listing : parts_->registry.listings()) {
        if (!listing.shadowed_by.empty()) continue;
        const std::string name = host::plugin_name(listing.stage);
        const auto* stage = parts_->stages.find(std::string(host::kind_name(listing.stage.kind)), listing.stage.name);
        out += name + std::string(names + 2 - name.size(), ' ') + (stage ? stage->summary : "") + "\n";
    }
    for (const host::Listing& listing : parts_->registry.listings())
        if (!listing.shadowed_by.empty())
            out += host::plugin_name(listing.stage) + " of " + listing.file.string() + " is not used: " +
                   listing.shadowed_by.string() + " comes first\n";
    for (const base::Error& error : parts_->registry.broken()) out += "cannot be used: " + base::one_line(error) + "\n";
    return out;
}

std::string Catalogue::describe(std::string_view name) const {
    const std::size_t slash = name.find('/');
    const std::string last(slash == std::string_view::npos ? name : name.substr(slash + 1));
    std::vector<std::string> kinds = parts_->stages.kinds_of(last);
    if (slash != std::string_view::npos) std::erase_if(kinds, [&](const std::string& kind) { return kind != name.substr(0, slash); });
    if (kinds.empty()) {
        std::vector<std::string> all;
        for (const auto& stage : parts_->stages.stages()) all.push_back(stage.name);
        const std::string near = config::nearest(last, all);
        throw base::Failure({.code = base::Code::usage, .found = "no plugin named '" + std::string(name) + "'",
                             .hint = near.empty() ? "see embedloom plugins" : "did you mean '" + near + "'?"});
    }
    std::string out;
    for (const std::string& kind : kinds) out += (out.empty() ? "" : "\n") + config::describe_text(*parts_->stages.find(kind, last));
    return out;
}

std::string Catalogue::schema() const { return config::json_schema(parts_->stages); }

std::string Catalogue::config_template(const std::vector<std::string>& stages) const {
    return config::config_template(parts_->stages, stages);
}

std::string Catalogue::reference() const {
    return "# The config\n\n"
           "A config is one YAML file. Its top-level keys follow the steps of the job; a stage says `use: NAME`, and its other keys are that\n"
           "plugin's parameters. This page is written by `embedloom describe --markdown` from what the core and the plugins declare.\n\n"
           "- Paths are relative to the file they stand in; `~/` is the home folder.\n"
           "- `${NAME}` takes an environment variable; within `{ }` and `[ ]` it stands in quotes, a number too: `{size: \"${ROWS}\"}`.\n"
           "- `--set a.b=c` on the command line overrides a value.\n"
           "- `embedloom check CONFIG` finds every mistake at once; `embedloom schema` prints a JSON Schema for editors.\n\n" +
           config::markdown_reference(parts_->stages);
}

std::string nearest(const std::string& word, const std::vector<std::string>& names) { return config::nearest(word, names); }

}  // namespace embedloom::run
