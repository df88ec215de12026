// Paths of a config: relative to the file they stand in, `~/` for the home folder, and lists of files from
// globs.
#pragma once

#include <embedloom/base/error.h>

#include <string>
#include <string_view>
#include <vector>

namespace embedloom::config {

/// What paths are resolved against.
struct Folders {
    std::string config;  ///< absolute: the folder of the config file
    std::string home;    ///< may be empty: then `~/` is a mistake
};

/// The absolute form of `path`; a leading "./" goes, `..` and links stay as written. Throws base::Failure for
/// an empty path and for `~/` without a home.
std::string resolved(std::string_view path, const Folders& folders);

/// Throws base::Failure (no_input, permission, config) unless `path` is a file that exists: no folder.
void require_file(const std::string& path);

/// Throws base::Failure unless `path` is a folder that exists, or (require_no_file) a folder or nothing.
void require_folder(const std::string& path);
void require_no_file(const std::string& path);

/// The files that `entries` name, sorted bytewise: regular ones that this process may read. An entry is a file, a folder (all
/// regular files below it but hidden ones; links count as what they lead to), or a glob of `*`, `?` and `[...]` (files, and folders as before; where a
/// file has exactly that name it is the file). A file that is written out twice stays twice; a folder or glob
/// adds none that is there already. `errors[i]` is what is wrong with entry i, if anything.
struct FileList {
    std::vector<std::string> files;
    std::vector<std::pair<std::size_t, base::Error>> errors;
    std::vector<std::string> folders;  ///< that were looked through, without those below them
};
FileList list_files(const std::vector<std::string>& entries, const Folders& folders);

}  // namespace embedloom::config
