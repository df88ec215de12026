// Where plugins are looked for, in order.
#pragma once

#include <embedloom/host/registry.h>

#include <filesystem>
#include <string>
#include <vector>

namespace embedloom::run {

/// --plugin-path, then the config's `plugins`, then `plugins` in `home`, or beside the running program where that is empty;
/// nothing else. Throws base::Failure (usage) where a folder of --plugin-path is not there.
std::vector<host::Folder> plugin_folders(const std::vector<std::filesystem::path>& asked, const std::vector<std::string>& of_config,
                                         const std::filesystem::path& home = {});

}  // namespace embedloom::run
