// The run's cache: a folder of whole files by key, shared by all processes of a machine.
#pragma once

#include <embedloom/base/file_lock.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace embedloom::host {

/// What one instance does with the cache. A key that is not there is claimed by the find() that misses it, so that other
/// processes wait in their find() for the entry instead of making it too; claims end with end(), end_of_call() and this
/// object. Not for two threads.
class CacheClaims {
  public:
    /// An empty folder: there is no cache. `is_cancelled` ends waiting.
    CacheClaims(std::filesystem::path folder, std::function<bool()> is_cancelled);
    CacheClaims(const CacheClaims&) = delete;
    CacheClaims& operator=(const CacheClaims&) = delete;
    ~CacheClaims() { end_of_call(); }

    /// The path of a whole entry, or an empty text. Throws Failure where the cache cannot be used or the key is none
    /// (letters, digits, '-', '_', '.', at most 200, not starting with '.').
    std::string_view find(std::string_view key);
    /// A path to write a new entry to. Throws Failure, also where there is no cache.
    std::string_view begin(std::string_view key);
    /// Keeps what was written as the entry, whole and at once, or removes it. Throws Failure.
    void end(std::string_view key, bool keep);
    void end_of_call();

  private:
    struct Claim {
        base::FileLock lock;
        std::string temporary;  ///< empty: not begun
        std::string entry;
    };
    Claim& claim(std::string_view key);

    std::filesystem::path folder_;
    std::function<bool()> is_cancelled_;
    std::map<std::string, Claim, std::less<>> claims_;
    std::map<std::string, std::string, std::less<>> paths_;  // what was shown to the plugin: kept
};

}  // namespace embedloom::host
