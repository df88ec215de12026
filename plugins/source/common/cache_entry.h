// An unpacked file in the run's cache: the content, then a note of what was wrong with the packed one, then a footer.
#pragma once

#include "unpack.h"

namespace embedloom::source {

/// A new entry. Without keep() it is removed.
class CacheEntry {
  public:
    CacheEntry(std::string key, const sdk::Host& host);
    ~CacheEntry();
    CacheEntry(const CacheEntry&) = delete;
    CacheEntry& operator=(const CacheEntry&) = delete;

    /// Throws EL_IO: the disk is full, among others.
    void write(std::string_view bytes);
    /// Ends it and hands it to the cache. `shown`: the packed file, for messages.
    Unpacked keep(const std::optional<sdk::Error>& damage, const std::string& shown);

  private:
    std::string key_;
    sdk::Host host_;
    std::string path_;
    int descriptor_ = -1;
    std::uint64_t bytes_ = 0;
};

/// What keep() gave back then; nothing when the file is no whole entry.
std::optional<Unpacked> read_cache_entry(const std::string& path, const std::string& shown);

}  // namespace embedloom::source
