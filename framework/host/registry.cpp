// Searches the folders and remembers what was found, shadowed or unfit.
#include <embedloom/host/registry.h>

#include <embedloom/host/library.h>
#include <embedloom/host/note.h>

#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace embedloom::host {

namespace {

namespace fs = std::filesystem;

/// A file that every user can write could be anybody's code.
std::optional<base::Error> open_to_all(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || !(status.st_mode & S_IWOTH)) return std::nullopt;
    return base::Error{.code = base::Code::config, .source = file.string(), .found = "a plugin that every user may write",
                       .expected = "one that only its owner may", .hint = "chmod o-w " + file.string()};
}

}  // namespace

Registry::Registry(const std::vector<Folder>& folders) {
    for (const Folder& folder : folders) search(folder);
}

void Registry::search(const Folder& folder) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(folder.path, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().extension() == ".so") found.push_back(entry->path());
    if (error && !(folder.may_be_missing && error == std::errc::no_such_file_or_directory))
        broken_.push_back({.code = base::Code::config, .source = folder.path.string(),
                           .found = "no folder of plugins that can be read",
                           .expected = "the folder that " + folder.asked_by + " names", .cause = error.message()});
    std::ranges::sort(found);
    for (const fs::path& entry : found) look_at(entry);
}

void Registry::look_at(const fs::path& entry) {
    std::error_code error;
    const fs::path real = fs::canonical(entry, error);
    const auto is_known = [&](const auto& file) { return file->path == real; };
    if (!error && std::ranges::any_of(files_, is_known)) return;
    auto file = std::make_unique<File>();
    file->path = error ? entry : real;
    Look look = look_at_file(file->path.string());
    file->stages = std::move(look.note.stages);
    file->is_stranger = look.verdict == Look::Verdict::stranger;
    if (look.verdict != Look::Verdict::plugin)
        file->refusals.push_back(std::move(look.error));
    else if (auto reason = open_to_all(file->path))
        file->refusals.push_back(std::move(*reason));
    if (!file->is_stranger) broken_.insert(broken_.end(), file->refusals.begin(), file->refusals.end());
    list(*file);
    files_.push_back(std::move(file));
}

void Registry::list(const File& file) {
    for (const StageName& stage : file.stages) {
        Listing listing{stage, file.path, {}};
        for (const Listing& earlier : listings_)
            if (earlier.stage.kind == stage.kind && earlier.stage.name == stage.name && earlier.shadowed_by.empty())
                listing.shadowed_by = earlier.file;
        listings_.push_back(std::move(listing));
    }
}

/// The file that lists the stage, else a file whose name says that it should.
Registry::File* Registry::file_called(el_kind kind, std::string_view name) const {
    const fs::path listed = file_of(kind, name);
    const std::string stem(name), long_stem = std::string(kind_name(kind)) + "_" + stem;
    for (const auto& file : files_)
        if (!listed.empty() ? file->path == listed
                            : !file->refusals.empty() && (file->path.stem() == stem || file->path.stem() == long_stem))
            return file.get();
    return nullptr;
}

void Registry::load(File& file) {
    try {
        file.loaded = load_library(file.path.string(), file.stages);
    } catch (const base::Failure& failure) {
        file.refusals = failure.errors();
        broken_.insert(broken_.end(), file.refusals.begin(), file.refusals.end());
    }
}

const el_stage* Registry::find(el_kind kind, std::string_view name) {
    File* file = file_called(kind, name);
    if (!file) return nullptr;
    if (file->refusals.empty() && file->loaded.empty()) load(*file);
    if (!file->refusals.empty()) throw base::Failure(file->refusals);
    for (std::size_t i = 0; i < file->stages.size(); ++i)
        if (file->stages[i].kind == kind && file->stages[i].name == name) return file->loaded[i];
    return nullptr;
}

std::vector<std::string> Registry::names(el_kind kind) const {
    std::vector<std::string> out;
    for (const Listing& listing : listings_)
        if (listing.stage.kind == kind && listing.shadowed_by.empty()) out.push_back(listing.stage.name);
    std::ranges::sort(out);
    return out;
}

std::filesystem::path Registry::file_of(el_kind kind, std::string_view name) const {
    for (const Listing& listing : listings_)
        if (listing.stage.kind == kind && listing.stage.name == name && listing.shadowed_by.empty()) return listing.file;
    return {};
}

}  // namespace embedloom::host
