// Folders and globs, with every refusal of the system told.
#include <embedloom/config/file_walk.h>
#include <embedloom/config/tree.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <utility>

namespace embedloom::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_at_most = 1000000;

std::error_code last_error() { return {errno, std::generic_category()}; }

bool is_absent(const std::error_code& error) {
    return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
}

/// What a path leads to. Throws where that cannot be found out.
struct stat look(const std::string& path) {
    struct stat seen {};
    if (::stat(path.c_str(), &seen) == 0) return seen;
    const std::error_code error = last_error();
    std::error_code ignored;
    if (is_absent(error) && fs::is_symlink(path, ignored))
        throw base::Failure({.code = base::Code::no_input,
                             .found = "the link " + whole_path(path) + ", which leads nowhere",
                             .expected = "a file that exists",
                             .hint = "mend or remove the link"});
    throw base::Failure(not_readable(path, error));
}

/// The names in a folder, sorted.
std::vector<std::string> names_in(const std::string& folder) {
    std::error_code error;
    std::vector<std::string> names;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        names.push_back(entry->path().filename().string());
        require_room(names);
    }
    if (error) {
        base::Error told = not_readable(folder, error);
        told.expected = "a folder that can be looked through";
        throw base::Failure(std::move(told));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string joined_path(const std::string& folder, const std::string& name) {
    return folder + (folder.empty() || folder.ends_with('/') ? "" : "/") + name;
}

/// One look through a folder. Links to folders come last, so that what has a name of its own here goes by it.
class Walk {
  public:
    explicit Walk(std::vector<std::string>& files) : files_(files) {}

    void folder(const std::string& path) {
        enter(path, look(path));
        for (std::size_t i = 0; i < links_.size(); ++i) {
            const std::string link = links_[i];  // entering adds more
            enter(link, look(link));
        }
    }

  private:
    void enter(const std::string& folder, const struct stat& seen) {
        if (!entered_.insert({seen.st_dev, seen.st_ino}).second) return;
        for (const std::string& name : names_in(folder)) {
            if (name.starts_with('.')) continue;
            const std::string path = joined_path(folder, name);
            const struct stat inner = look(path);
            std::error_code error;
            if (S_ISREG(inner.st_mode))
                files_.push_back(path);
            else if (S_ISDIR(inner.st_mode) && fs::is_symlink(path, error))
                links_.push_back(path);
            else if (S_ISDIR(inner.st_mode))
                enter(path, inner);
            require_room(files_);
        }
    }

    std::vector<std::string>& files_;
    std::vector<std::string> links_;
    std::set<std::pair<dev_t, ino_t>> entered_;
};

bool has_pattern(std::string_view name) { return name.find_first_of("*?[\\") != std::string_view::npos; }

/// The matches of the pattern `rest` below `base`, which stands for what is matched already.
void match(const std::string& base, std::string_view rest, std::vector<std::string>& out) {
    const std::size_t begin = std::min(rest.find_first_not_of('/'), rest.size());
    const std::string_view slashes = rest.substr(0, begin);
    rest.remove_prefix(begin);
    const std::string folder = base + std::string(slashes);
    std::error_code error;
    if (rest.empty()) {
        if (!slashes.empty() && !fs::is_directory(folder, error)) return;
        out.push_back(folder);
        require_room(out);
        return;
    }
    const std::string part(rest.substr(0, rest.find('/')));
    rest.remove_prefix(part.size());
    if (!has_pattern(part)) {
        const std::string path = folder + part;
        const fs::file_status status = fs::symlink_status(path, error);
        if (fs::exists(status)) return match(path, rest, out);
        if (error && !is_absent(error)) throw base::Failure(not_readable(path, error));
        return;
    }
    if (!fs::is_directory(folder, error)) {
        if (error && !is_absent(error)) throw base::Failure(not_readable(folder, error));
        return;
    }
    for (const std::string& name : names_in(folder))
        if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) match(folder + name, rest, out);
}

}  // namespace

std::string whole_path(std::string_view path) { return in_quotes(path, std::string_view::npos); }

base::Error not_readable(const std::string& path, const std::error_code& error) {
    const bool is_denied = error == std::errc::permission_denied;
    return {.code = is_denied ? base::Code::permission : base::Code::no_input,
            .found = whole_path(path),
            .expected = "a file that can be read",
            .cause = error.message()};
}

void require_room(const std::vector<std::string>& files) {
    if (files.size() > files_at_most)
        throw base::Failure({.code = base::Code::config,
                             .found = "more than " + std::to_string(files_at_most) + " files",
                             .expected = "fewer, larger files"});
}

void require_readable(const std::string& path) {
    if (!S_ISREG(look(path).st_mode))
        throw base::Failure({.code = base::Code::no_input,
                             .found = whole_path(path) + ", which is no regular file",
                             .expected = "a regular file",
                             .hint = "write the data to a file first"});
    if (::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) throw base::Failure(not_readable(path, last_error()));
}

void add_folder(const std::string& folder, std::vector<std::string>& files) { Walk(files).folder(folder); }

std::vector<std::string> glob_matches(const std::string& pattern) {
    std::vector<std::string> out;
    match("", pattern, out);
    return out;
}

}  // namespace embedloom::config
