// The folders' order.
#include <embedloom/run/plugin_folders.h>

namespace embedloom::run {

std::vector<host::Folder> plugin_folders(const std::vector<std::filesystem::path>& asked,
                                         const std::vector<std::string>& of_config, const std::filesystem::path& home) {
    std::vector<host::Folder> folders;
    std::error_code error;
    for (const auto& path : asked) {
        if (!std::filesystem::is_directory(path, error))
            throw base::Failure({.code = base::Code::usage, .found = "--plugin-path " + path.string(), .expected = "a folder that exists"});
        folders.push_back({.path = std::filesystem::absolute(path), .asked_by = "--plugin-path"});
    }
    for (const auto& path : of_config) folders.push_back({.path = path, .asked_by = "the config's plugins"});
    if (!home.empty()) {
        folders.push_back({.path = home / "plugins", .asked_by = "beside the program", .may_be_missing = true});
        return folders;
    }
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error)
        folders.push_back({.path = program.parent_path() / "plugins", .asked_by = "beside the program", .may_be_missing = true});
    return folders;
}

}  // namespace embedloom::run
