// Keeps two runs from writing into one folder.
#pragma once

#include <string>

namespace embedloom::plugins {

/// An empty file that is locked while this lives, and removed with it. The lock is the kernel's (flock), so that of a process
/// that died is gone, whatever files it left. Throws sdk::Error EL_CANNOT_CREATE where another holds it.
class FolderLock {
  public:
    explicit FolderLock(std::string path);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// Throws the same where another run holds the lock of this name; a file that one left behind is no lock.
    static void require_free(const std::string& path);

  private:
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace embedloom::plugins
