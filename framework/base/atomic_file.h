// A file that appears whole or not at all, also when the machine dies in the middle of it.
#pragma once

#include <embedloom/base/descriptor.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace embedloom::base {

/// Syncs what was written to `temporary`, renames it to `path` and syncs the folder. Throws Failure.
void publish_file(const std::string& temporary, const std::string& path);

/// Written beside its final name; commit() syncs, renames and syncs the folder. Without commit() nothing is left.
class AtomicFile {
  public:
    /// Throws Failure: cannot_create (also where the folder is not there), permission, io, resources.
    explicit AtomicFile(std::string path);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
    void commit();

  private:
    std::string path_;
    std::string temporary_;
    Descriptor file_;  // at temporary_
    bool is_committed_ = false;
};

/// The whole of it in one call.
void write_whole(const std::string& path, std::string_view text);

}  // namespace embedloom::base
