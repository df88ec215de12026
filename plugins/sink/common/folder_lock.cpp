// Locking of a file by its name, though holders remove it.
#include "folder_lock.h"

#include <embedloom/sdk/error.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "whole_file.h"

namespace embedloom::plugins {

namespace {

/// Whether the name still leads to the open file: the holder before us may have removed it after we opened it.
bool is_named(int descriptor, const std::string& path) {
    struct stat opened {}, named {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

[[noreturn]] void refuse(const std::string& path) {
    throw sdk::Error{.code = EL_CANNOT_CREATE, .parameter = "directory", .source = path,
                     .found = "another run that writes into this folder", .expected = "a folder for each run",
                     .hint = "name another folder, or wait for its end"};
}

}  // namespace

FolderLock::FolderLock(std::string path) : path_(std::move(path)) {
    while (descriptor_ < 0) {
        descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor_ < 0) throw_errno("open", path_);
        const bool locked = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
        const int error = locked ? 0 : errno;
        if (locked && is_named(descriptor_, path_)) return;
        ::close(descriptor_);
        descriptor_ = -1;
        if (error == EWOULDBLOCK) refuse(path_);
        if (!locked && error != EINTR) {
            errno = error;
            throw_errno("lock", path_);
        }
    }
}

FolderLock::~FolderLock() {
    ::unlink(path_.c_str());
    ::close(descriptor_);
}

void FolderLock::require_free(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return;  // its holder has just removed it
    const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    if (held) refuse(path);
}

}  // namespace embedloom::plugins
