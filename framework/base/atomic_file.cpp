// Temporary file, fsync, rename, fsync of the folder: in this order, or a crash can leave an empty file under the name.
#include <embedloom/base/atomic_file.h>

#include <embedloom/base/system_error.h>

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace embedloom::base {

namespace {

std::string temporary_name(const std::string& path) {
    static std::atomic<unsigned> count{0};
    return path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
}

/// Makes a file that was not there, and says its name in `name`.
Descriptor make_temporary(const std::string& path, std::string& name) {
    for (;;) {
        name = temporary_name(path);
        Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        // EEXIST: a killed process with our number left it, as happens in containers; the next count is free.
        if (file || errno != EEXIST) return file;
    }
}

void sync_folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // EINVAL: a file system that cannot sync folders; the rename is then as safe as it can be.
    if (!opened || (::fsync(opened.number()) != 0 && errno != EINVAL))
        throw_errno(errno, "a folder that cannot be synced", folder);
}

}  // namespace

void publish_file(const std::string& temporary, const std::string& path) {
    const Descriptor file(::open(temporary.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file || ::fsync(file.number()) != 0) throw_errno(errno, "a file that cannot be synced", temporary);
    if (std::rename(temporary.c_str(), path.c_str()) != 0) throw_errno(errno, "a file that cannot be renamed", path);
    sync_folder_of(path);
}

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)), file_(make_temporary(path_, temporary_)) {
    if (file_) return;
    if (errno != ENOENT && errno != ENOTDIR) throw_errno(errno, "a file that cannot be made", path_);
    // That its folder is not there makes it no missing input.
    throw Failure(Error{.code = Code::cannot_create, .source = path_, .found = "a file that cannot be made",
                        .cause = std::generic_category().message(errno)});
}

AtomicFile::~AtomicFile() {
    if (!is_committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file_.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw_errno(errno, "a file that cannot be written", path_);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void AtomicFile::commit() {
    publish_file(temporary_, path_);
    is_committed_ = true;
}

void write_whole(const std::string& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace embedloom::base
