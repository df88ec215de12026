// A file as a span of bytes, mapped read-only, with what it takes to notice that it changed under us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace embedloom::base {

/// What a file was when it was looked at: the same numbers mean the same content, unless somebody forges times.
struct FileIdentity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t bytes = 0;
    std::int64_t modified_seconds = 0;
    std::int64_t modified_nanoseconds = 0;
    bool operator==(const FileIdentity&) const = default;
};

/// The identity of a path now, or nothing where there is no such file. Follows links.
std::optional<FileIdentity> identity_of(const std::string& path);

/// A regular file, mapped as long as the object lives. The bytes are the file's: whoever shortens it makes reads beyond
/// its new end end the process with SIGBUS (report_lost_mappings() then names the file).
class MappedFile {
  public:
    /// Throws Failure: no_input, permission, io, resources; bad_data for what is no regular file. Never waits on a pipe.
    explicit MappedFile(const std::string& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile();

    /// Empty (and null) for an empty file.
    std::span<const std::byte> bytes() const { return bytes_; }
    const std::string& path() const { return path_; }
    const FileIdentity& identity() const { return identity_; }
    /// False once the path's file is another one, or of another size or time.
    bool is_unchanged() const { return identity_of(path_) == identity_; }

  private:
    std::string path_;
    FileIdentity identity_;
    std::span<const std::byte> bytes_;
};

/// [main] From now on a read beyond the end of a mapped file that was shortened writes a line that names the file and ends
/// the process with exit code 74, instead of dying of SIGBUS. A SIGBUS of another cause takes its usual way.
void report_lost_mappings();

}  // namespace embedloom::base
