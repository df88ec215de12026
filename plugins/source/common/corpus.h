// The files of a source laid end to end: what is in them, where each begins, and who holds them open.
#pragma once

#include "input_file.h"
#include "units.h"

#include <embedloom/sdk/source.h>

#include <deque>
#include <functional>

namespace embedloom::source {

/// One file as records are read from it: plain bytes, after unpacking.
struct DataFile {
    std::string path;    ///< as the user knows it
    std::string stored;  ///< what is read: `path`, or its unpacked copy in the cache
    Identity identity;   ///< of `stored`
    std::uint64_t first = 0;  ///< where content begins: behind a byte order mark
    std::uint64_t bytes = 0;  ///< where content ends; of a damaged file, that of its last whole record
    std::uint32_t flags = 0;
    std::string digest;
};

/// Where a file stands in the source.
struct Place {
    std::uint32_t file = 0;  ///< which DataFile: one that is named twice has two places
    std::uint64_t begin = 0;
};

/// What a source wants to know when its files are opened.
struct OpenRules {
    Unit unit = Unit::lines;  ///< damaged files end with their last whole one
    /// Looks at the first bytes of a file's content and throws EL_BAD_DATA for one that is no data of this source.
    std::function<void(const DataFile&, std::string_view head)> sniff;
};

/// open() once, [main]; all else const, [any-thread].
class Corpus {
  public:
    Corpus(std::vector<std::string> paths, const sdk::Host& host) : paths_(std::move(paths)), host_(host) {}

    /// Opens all files, unpacking where needed. Throws for the first that cannot be used; tells of damaged ones.
    el_extent open(const OpenRules& rules, sdk::Problems& problems);

    std::uint64_t bytes() const { return bytes_; }
    const std::vector<Place>& places() const { return places_; }
    const DataFile& file(std::uint32_t file) const { return files_[file]; }
    /// The place that holds byte `at` < bytes().
    std::size_t place_of(std::uint64_t at) const;
    std::uint64_t end_of(std::size_t place) const { return places_[place].begin + files_[places_[place].file].bytes; }

    /// The file if it is among those that stay open, which are few enough for any descriptor limit; else null: reopen().
    const InputFile* held(std::uint32_t file) const { return file < held_.size() ? held_[file].get() : nullptr; }
    /// Opens it again and checks that it is the same. Throws EL_IO otherwise.
    std::unique_ptr<InputFile> reopen(std::uint32_t file) const;

    /// Throws EL_CANCELLED once the run is being stopped.
    void check_cancelled() const;

  private:
    std::unique_ptr<InputFile> open_content(DataFile& file, sdk::Problems& problems);
    void look_at(DataFile& file, const OpenRules& rules, sdk::Problems& problems);

    std::vector<std::string> paths_;
    sdk::Host host_;
    std::deque<DataFile> files_;
    std::vector<std::unique_ptr<InputFile>> held_;
    std::vector<Place> places_;
    std::vector<el_source_file> extents_;
    std::uint64_t bytes_ = 0;
};

}  // namespace embedloom::source
