// Files that keep for the next run what takes long to learn of the data: their names, and what is no reason to stop.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/base/file_lock.h>
#include <embedloom/host/source_stage.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace embedloom::run {

/// Where the cache has what was learnt of these very files: their paths, sizes, times and inodes are in its name, so that all is
/// learnt anew of one that was touched. Makes the folder where that can be.
struct CacheName {
    std::filesystem::path folder;
    std::string kind;   ///< "index"
    std::string about;  ///< all else that it depends on
};
std::string cached_path(const CacheName& name, const host::SourceStage& source);

/// Size, time and inode of a file as it is now, as text: another one for a file that was touched.
std::string touch_of(const std::string& path);

/// The turn to make a file of the cache: the ranks of a machine want the same ones at the same time, and all but one wait for it.
/// After that the file may be there. Where locks do not work nobody waits.
class CacheTurn {
  public:
    /// Waits for the turn. Throws Failure, interrupted, where `is_cancelled` ends that.
    CacheTurn(const std::string& path, const std::function<bool()>& is_cancelled);

  private:
    std::optional<base::FileLock> lock_;
};

/// Whether it is the cache that failed, without which a run goes on, and not the data or a request to stop.
bool is_of_cache(const base::Failure& failure);

}  // namespace embedloom::run
