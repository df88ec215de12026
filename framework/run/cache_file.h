// Files that keep for the next run what takes long to learn of the data: their names, and what is no reason to stop.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/host/source_stage.h>

#include <filesystem>
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

/// Whether it is the cache that failed, without which a run goes on, and not the data or a request to stop.
bool is_of_cache(const base::Failure& failure);

}  // namespace embedloom::run
