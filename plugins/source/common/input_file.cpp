// Opening, reading and watching an input file.
#include "input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace embedloom::source {

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

sdk::Error cannot_open(const std::string& shown, int error) {
    const bool full = error == EMFILE || error == ENFILE || error == ENOMEM;
    const el_status code = error == ENOENT || error == ENOTDIR ? EL_NO_INPUT
                           : error == EACCES || error == EPERM ? EL_PERMISSION
                           : full                              ? EL_RESOURCES
                                                               : EL_IO;
    return {.code = code, .source = shown, .found = reason(error), .expected = "a file that can be read"};
}

Identity identity_of(const struct stat& seen) {
    return {static_cast<std::uint64_t>(seen.st_size), static_cast<std::uint64_t>(seen.st_dev),
            static_cast<std::uint64_t>(seen.st_ino), seen.st_mtim.tv_sec, seen.st_mtim.tv_nsec};
}

std::string difference(const Identity& now, const Identity& then) {
    if (now.bytes < then.bytes || now.bytes > then.bytes)
        return "a file that went from " + std::to_string(then.bytes) + " to " + std::to_string(now.bytes) + " bytes";
    return now.inode == then.inode && now.device == then.device ? "a file that was written to" : "a file that was replaced";
}

}  // namespace

InputFile::InputFile(const std::string& path, std::string shown) : shown_(std::move(shown)) {
    // O_NONBLOCK: opening a pipe must not wait for a writer; it means nothing for regular files.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) throw cannot_open(shown_, errno);
    struct stat seen {};
    const bool regular = ::fstat(descriptor_, &seen) == 0 && S_ISREG(seen.st_mode);
    if (!regular) {
        ::close(descriptor_);
        throw sdk::Error{.code = EL_NO_INPUT, .source = shown_, .found = "no regular file", .expected = "a regular file",
                         .hint = "write the data to a file first"};
    }
    identity_ = identity_of(seen);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(char* out, std::size_t count, std::uint64_t at) const {
    while (count > 0) {
        const ssize_t got = ::pread(descriptor_, out, count, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw sdk::Error{.code = EL_IO, .source = shown_, .byte = at, .found = reason(errno)};
        if (got == 0)
            throw sdk::Error{.code = EL_IO, .source = shown_, .byte = at, .found = "the end of a file that was longer",
                             .expected = std::to_string(identity_.bytes) + " bytes",
                             .hint = "something changed the file during the run"};
        out += got;
        at += static_cast<std::uint64_t>(got);
        count -= static_cast<std::size_t>(got);
    }
}

void InputFile::require_unchanged(const Identity& expected) const {
    struct stat seen {};
    if (::fstat(descriptor_, &seen) != 0) throw sdk::Error{.code = EL_IO, .source = shown_, .found = reason(errno)};
    const Identity now = identity_of(seen);
    // Without a name the file was deleted or another was moved over it: what we hold is no longer what a resume would see.
    if (now == expected && seen.st_nlink > 0) return;
    const std::string found = now == expected ? "a file that was deleted or replaced" : difference(now, expected);
    throw sdk::Error{.code = EL_IO, .source = shown_, .found = found, .expected = "the file as it was at the start",
                     .hint = "data must not change during a run"};
}

}  // namespace embedloom::source
