// Boost.DLL finds and loads the file and its one symbol, and does nothing else. Libraries stay loaded to the end of the
// process: unloading runs destructors under the feet of threads and leaves pointers dangling.
#include <embedloom/host/library.h>

#include <embedloom/base/error.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/host/declaration.h>

#define BOOST_DLL_USE_STD_FS  // so that Boost.DLL needs no compiled library of Boost
#include <boost/dll/shared_library.hpp>

#include <cstring>
#include <map>
#include <memory>
#include <mutex>

namespace embedloom::host {

namespace {

struct Library {
    boost::dll::shared_library handle;
    std::vector<std::unique_ptr<CheckedStage>> stages;
};

/// Never destroyed, so that no library is unloaded at exit either.
std::map<std::string, Library>& libraries() {
    static auto* all = new std::map<std::string, Library>;
    return *all;
}

[[noreturn]] void refuse(const std::string& path, std::string found, std::string expected, std::string cause = {}) {
    throw base::Failure(base::Error{.code = base::Code::config, .source = path, .found = std::move(found),
                                    .expected = std::move(expected), .hint = "rebuild the plugin", .cause = std::move(cause)});
}

/// "path: what the loader says", without the words of the layers above it.
std::string loader_text(const std::exception& error) {
    std::string text = error.what();
    const std::string ours = "boost::dll::shared_library::load() failed: ";
    if (text.starts_with(ours)) text.erase(0, ours.size());
    const std::string generic = ": Bad file descriptor";
    if (text.ends_with(generic)) text.erase(text.size() - generic.size());
    return text;
}

boost::dll::shared_library open(const std::string& path) {
    const auto before = base::identity_of(path);
    try {
        // Bound at once: a missing symbol is an error here, not the end of the process in the middle of a run.
        boost::dll::shared_library handle(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
        if (base::identity_of(path) != before)
            refuse(path, "a file that changed while it was loaded", "one that stays as it is");
        return handle;
    } catch (const boost::dll::fs::system_error& error) {
        refuse(path, "a library that the system cannot load", "one whose symbols and libraries are all there",
               loader_text(error));
    }
}

const el_plugin& constant_of(const boost::dll::shared_library& library, const std::string& path) {
    if (!library.has("embedloom_plugin"))
        refuse(path, "no symbol embedloom_plugin", "EMBEDLOOM_PLUGIN(...) at the end of one source file");
    const auto& plugin = library.get<const el_plugin>("embedloom_plugin");
    if (std::memcmp(plugin.magic, EL_MAGIC, sizeof plugin.magic) != 0)
        refuse(path, "a constant embedloom_plugin that does not begin with " EL_MAGIC, "the contract's magic");
    if (plugin.abi_major != EL_ABI_MAJOR || plugin.abi_minor != EL_ABI_MINOR)
        refuse(path, "a constant for ABI " + std::to_string(plugin.abi_major) + "." + std::to_string(plugin.abi_minor),
               "that of its note");
    if (plugin.size < sizeof(el_plugin) || !plugin.stages)
        refuse(path, "a constant of " + std::to_string(plugin.size) + " bytes", std::to_string(sizeof(el_plugin)) + " bytes");
    return plugin;
}

/// Copies and checks the stages; each must be the one that the note has at its place.
std::vector<std::unique_ptr<CheckedStage>> check_stages(const el_plugin& plugin, const std::string& path,
                                                        std::span<const StageName> promised) {
    if (plugin.stage_count != promised.size())
        refuse(path, std::to_string(plugin.stage_count) + " stages", std::to_string(promised.size()) + ", as its note says");
    std::vector<std::unique_ptr<CheckedStage>> stages;
    for (std::size_t i = 0; i < promised.size(); ++i) {
        stages.push_back(std::make_unique<CheckedStage>(plugin.stages[i], path));
        const std::string name = plugin_name(stages.back()->stage());
        if (name != plugin_name(promised[i])) refuse(path, "stage " + name, plugin_name(promised[i]) + ", as its note says");
    }
    return stages;
}

}  // namespace

std::vector<const el_stage*> load_library(const std::string& real_path, std::span<const StageName> promised) {
    static std::mutex mutex;  // of libraries(): threads of a program may open sessions at the same time
    const std::lock_guard lock(mutex);
    auto found = libraries().find(real_path);
    if (found == libraries().end()) {
        // Kept from here on, also when the checks below refuse it: it has run code already.
        found = libraries().emplace(real_path, Library{open(real_path), {}}).first;
    }
    Library& library = found->second;
    if (library.stages.empty())
        library.stages = check_stages(constant_of(library.handle, real_path), real_path, promised);
    std::vector<const el_stage*> stages;
    for (const auto& stage : library.stages) stages.push_back(&stage->stage());
    return stages;
}

}  // namespace embedloom::host
