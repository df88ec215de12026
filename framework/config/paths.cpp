// Resolves paths and expands folders and globs into sorted lists of files.
#include <embedloom/config/file_walk.h>
#include <embedloom/config/paths.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace embedloom::config {

namespace {

namespace fs = std::filesystem;

base::Error no_file(const std::string& path) {
    return {
        .code = base::Code::no_input, .found = "no file " + whole_path(path), .expected = "a file that exists"};
}

/// The files of one entry; `is_explicit`: it names one file.
struct Expansion {
    std::vector<std::string> files, folders;
    bool is_explicit = false;
};

Expansion expand_entry(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::exists(status) && !fs::is_directory(status)) return {.files = {path}, .is_explicit = true};
    Expansion out;
    if (fs::is_directory(status)) {
        add_folder(path, out.files);
        out.folders.push_back(path);
        if (out.files.empty())
            throw base::Failure({.code = base::Code::no_input,
                                 .found = "no file in the folder " + whole_path(path),
                                 .expected = "one at least"});
    } else if (path.find_first_of("*?[") != std::string::npos) {
        for (const std::string& match : glob_matches(path)) {
            if (fs::is_directory(match, error)) {
                add_folder(match, out.files);
                out.folders.push_back(match);
            } else {
                out.files.push_back(match);
            }
            require_room(out.files);
        }
        if (out.files.empty())
            throw base::Failure({.code = base::Code::no_input,
                                 .found = "no file that matches " + whole_path(path),
                                 .expected = "one at least"});
    } else {
        throw base::Failure(error && error != std::errc::no_such_file_or_directory ? not_readable(path, error)
                                                                                   : no_file(path));
    }
    return out;
}

}  // namespace

std::string resolved(std::string_view path, const Folders& folders) {
    if (path.empty())
        throw base::Failure({.code = base::Code::config, .found = "an empty path", .expected = "a path"});
    if (path.find('\0') != std::string_view::npos)
        throw base::Failure(
            {.code = base::Code::config, .found = "a path with a NUL in it", .expected = "a path"});
    if (path == "~" || path.starts_with("~/")) {
        if (folders.home.empty())
            throw base::Failure({.code = base::Code::config,
                                 .found = whole_path(path) + ", and HOME is not set",
                                 .expected = "a path",
                                 .hint = "set HOME or write the folder out"});
        return folders.home + std::string(path.substr(1));
    }
    if (path == ".") return folders.config;
    while (path.starts_with("./") && path.size() > 2) path.remove_prefix(2);
    if (path.starts_with('/')) return std::string(path);
    return folders.config + (folders.config.ends_with('/') ? "" : "/") + std::string(path);
}

void require_file(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status))
        throw base::Failure(
            {.code = base::Code::config, .found = "the folder " + whole_path(path), .expected = "a file"});
    if (fs::exists(status)) return;
    throw base::Failure(error && error != std::errc::no_such_file_or_directory ? not_readable(path, error)
                                                                               : no_file(path));
}

void require_folder(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) return;
    if (fs::exists(status))
        throw base::Failure(
            {.code = base::Code::config, .found = "the file " + whole_path(path), .expected = "a folder"});
    throw base::Failure(
        {.code = base::Code::no_input, .found = "no folder " + whole_path(path), .expected = "one that exists"});
}

void require_no_file(const std::string& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::exists(status) && !fs::is_directory(status))
        throw base::Failure(
            {.code = base::Code::config, .found = "the file " + whole_path(path), .expected = "a folder"});
}

FileList list_files(const std::vector<std::string>& entries, const Folders& folders) {
    FileList out;
    std::vector<std::string> found;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        try {
            Expansion expansion = expand_entry(resolved(entries[i], folders));
            for (const std::string& file : expansion.files) require_readable(file);
            auto& files = expansion.is_explicit ? out.files : found;
            files.insert(files.end(), expansion.files.begin(), expansion.files.end());
            require_room(files);
            out.folders.insert(out.folders.end(), expansion.folders.begin(), expansion.folders.end());
        } catch (const base::Failure& failure) {
            out.errors.emplace_back(i, failure.first());
        }
    }
    const std::set<std::string> explicit_files(out.files.begin(), out.files.end());
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    for (std::string& file : found)
        if (!explicit_files.contains(file)) out.files.push_back(std::move(file));
    std::sort(out.files.begin(), out.files.end());
    return out;
}

}  // namespace embedloom::config
