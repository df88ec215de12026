// A lock between processes: an advisory lock on a file, which the system lets go when its owner dies.
#pragma once

#include <embedloom/base/descriptor.h>

#include <functional>
#include <string>

namespace embedloom::base {

/// Held from a try_lock() or wait() that succeeded to the end of the object. Two objects exclude each other in one process
/// too. The file stays behind, empty: taking it away would let two processes hold two files of one name.
class FileLock {
  public:
    /// Makes the file if it is not there. Throws Failure: cannot_create, permission, no_input, io, resources.
    explicit FileLock(const std::string& path);
    /// True: this object holds the lock now. Throws Failure where locks do not work.
    bool try_lock();
    /// Waits for the lock until `is_cancelled`, which is asked 50 times a second, says true; then false. Throws as try_lock() does.
    bool wait(const std::function<bool()>& is_cancelled);
    bool is_held() const { return is_held_; }

  private:
    std::string path_;
    Descriptor file_;
    bool is_held_ = false;
};

}  // namespace embedloom::base
