// Settings become values, values become instances.
#include <embedloom/testkit/workshop.h>

#include <embedloom/host/kind.h>

#include <algorithm>

namespace embedloom::testkit {

namespace {

std::vector<host::Folder> folders_of(const Subject& subject) {
    std::vector<host::Folder> folders{{subject.file.parent_path(), "the plugin's own folder"}};
    for (const auto& folder : subject.folders) folders.push_back({folder, "--plugin-path"});
    return folders;
}

}  // namespace

void expect(const host::Outcome& outcome, const std::string& call) {
    if (outcome) return;
    throw Unmet(call + ": " + (outcome.problems.empty() ? "status " + std::to_string(outcome.status)
                                                        : base::one_line(outcome.problems[0].error)));
}

Workshop::Workshop(const Subject& subject, const Options& options, std::filesystem::path folder)
    : subject_(subject), options_(options), registry_(folders_of(subject)), folder_(std::move(folder)) {
    services_.cache = folder_ / "cache";
    services_.records = &sample_records();
    tokenizer_ = std::make_unique<host::TokenizerStage>(
        host::Instance::make({&sample_tokenizer(), "tokenizer", {}, options.threads}, services_));
    services_.tokenizer = tokenizer_.get();
}

const el_stage& Workshop::stage(const host::StageName& name) {
    const el_stage* found = registry_.find(name.kind, name.name);
    expect(found, "no stage " + host::plugin_name(name));
    return *found;
}

std::vector<host::Value> Workshop::values(const el_stage& stage) {
    const std::string name = std::string(host::kind_name(stage.kind)) + "/" + std::string(host::view_of(stage.name));
    const auto found = subject_.settings.find(name);
    std::vector<host::Value> out;
    for (std::uint32_t p = 0; p < stage.parameter_count; ++p) {
        const el_parameter& parameter = stage.parameters[p];
        const std::string key(host::view_of(parameter.name));
        const bool is_set = found != subject_.settings.end() && found->second.contains(key);
        if (is_set)
            out.push_back(value(parameter, found->second.at(key)));
        else if (parameter.type == EL_PARAMETER_DIRECTORY)
            out.emplace_back((folder_ / key).string());
        else if (parameter.flags & EL_REQUIRED)
            throw Skipped("no setting for " + name + " " + key + "=..., which is " + host::expectation(parameter));
        else
            out.push_back(host::default_value(parameter));
    }
    return out;
}

host::Value Workshop::value(const el_parameter& parameter, const std::string& setting) {
    if (parameter.type == EL_PARAMETER_STAGE) {
        const el_stage* nested = registry_.find(parameter.stage_kind, setting.substr(setting.find('/') + 1));
        if (!nested) throw Skipped("no plugin " + setting);
        return make(*nested, values(*nested));
    }
    auto parsed = host::parse_value(parameter, setting);
    expect(parsed.has_value(), "setting '" + setting + "' is not " + host::expectation(parameter));
    const auto make_absolute = [](std::string& path) { path = std::filesystem::absolute(path).string(); };
    if (parameter.type == EL_PARAMETER_PATH) make_absolute(std::get<std::string>(*parsed));
    if (parameter.type == EL_PARAMETER_FILES) std::ranges::for_each(std::get<std::vector<std::string>>(*parsed), make_absolute);
    return *parsed;
}

std::shared_ptr<host::Instance> Workshop::make(const el_stage& stage, std::vector<host::Value> values) {
    for (std::uint32_t p = 0; p < stage.parameter_count; ++p)
        if (const auto* text = std::get_if<std::string>(&values[p]);
            text && stage.parameters[p].type == EL_PARAMETER_DIRECTORY)
            std::filesystem::create_directories(*text);
    return host::Instance::make({&stage, std::string(host::kind_name(stage.kind)), std::move(values), options_.threads},
                                services_);
}

std::shared_ptr<host::Instance> Workshop::make(const host::StageName& name) {
    const el_stage& found = stage(name);
    return make(found, values(found));
}

}  // namespace embedloom::testkit
