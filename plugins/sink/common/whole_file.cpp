// A temporary file, synced and renamed.
// link: crypto
#define OPENSSL_API_COMPAT 0x10100000L  // SHA256_Init and what follows it: they ask for no memory, and so cannot fail
#include "whole_file.h"

#include <embedloom/sdk/error.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace embedloom::plugins {

namespace {

/// A descriptor that is closed, and a file that is removed unless it was kept.
class Temporary {
  public:
    explicit Temporary(std::string path)
        : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)) {
        if (descriptor_ < 0) throw_errno("open", path_);
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!kept_) ::unlink(path_.c_str());
    }
    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw_errno("write", path_);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void keep_as(const std::string& path) {
        if (::fdatasync(descriptor_) != 0) throw_errno("sync", path_);
        const int closed = ::close(std::exchange(descriptor_, -1));
        if (closed != 0) throw_errno("close", path_);
        if (::rename(path_.c_str(), path.c_str()) != 0) throw_errno("rename", path);
        kept_ = true;
    }

  private:
    std::string path_;
    int descriptor_;
    bool kept_ = false;
};

std::string digest_of(std::span<const std::string_view> pieces) {
    SHA256_CTX context;
    SHA256_Init(&context);
    for (const std::string_view piece : pieces) SHA256_Update(&context, piece.data(), piece.size());
    unsigned char bytes[SHA256_DIGEST_LENGTH];
    SHA256_Final(bytes, &context);
    std::string out;
    for (const unsigned char byte : bytes) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

}  // namespace

void throw_errno(const std::string& what, const std::string& path) {
    const int number = errno;
    const bool full = number == ENOSPC || number == EDQUOT || number == EROFS || number == ENOENT || number == ENOTDIR;
    const bool scarce = number == EMFILE || number == ENFILE || number == ENOMEM;
    throw sdk::Error{.code = number == EACCES || number == EPERM ? EL_PERMISSION
                             : full                              ? EL_CANNOT_CREATE
                             : scarce                            ? EL_RESOURCES
                                                                 : EL_IO,
                     .source = path, .found = what + ": " + std::strerror(number),
                     .hint = number == ENOSPC || number == EDQUOT ? "make room; batches that are there stay valid" : ""};
}

std::string write_whole(const std::string& path, std::span<const std::string_view> pieces) {
    Temporary file(path + ".part");
    for (const std::string_view piece : pieces) file.write(piece);
    file.keep_as(path);
    return digest_of(pieces);
}

void sync_folder(const std::string& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) throw_errno("open", folder);
    const int synced = ::fsync(descriptor);
    ::close(descriptor);
    if (synced != 0) throw_errno("sync", folder);
}

}  // namespace embedloom::plugins
