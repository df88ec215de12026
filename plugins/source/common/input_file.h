// A regular file opened for reading, which notices when it is changed under us.
#pragma once

#include <embedloom/sdk/error.h>

#include <cstdint>
#include <string>

namespace embedloom::source {

namespace sdk = embedloom::sdk;

/// What makes an open file the one that was looked at first.
struct Identity {
    std::uint64_t bytes = 0;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t seconds = 0;  ///< of the last modification
    std::int64_t nanoseconds = 0;
    bool operator==(const Identity&) const = default;
};

/// Read with pread, never mapped: a mapped file that shrinks is a SIGBUS. Const calls [any-thread].
class InputFile {
  public:
    /// `shown`: the name for messages. Throws EL_NO_INPUT, EL_PERMISSION, EL_RESOURCES, EL_IO.
    InputFile(const std::string& path, std::string shown);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    const Identity& identity() const { return identity_; }
    std::uint64_t bytes() const { return identity_.bytes; }
    const std::string& shown() const { return shown_; }

    /// Exactly `count` bytes from `at`. Throws EL_IO, also when the file has become shorter.
    void read(char* out, std::size_t count, std::uint64_t at) const;
    /// Throws EL_IO when the file is no longer as it was opened, or no longer the one that `expected` is of.
    void require_unchanged(const Identity& expected) const;

  private:
    std::string shown_;
    int descriptor_ = -1;
    Identity identity_;
};

}  // namespace embedloom::source
