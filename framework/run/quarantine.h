// The file that bad records go to, with place and reason.
#pragma once

#include <embedloom/loom/window_range.h>
#include <embedloom/run/window_rows.h>

#include <cstdint>
#include <fstream>
#include <string>

namespace embedloom::run {

/// A file of JSON lines in a folder, one a record, in the stream's order. Made with its first line. Not for two threads.
class Quarantine {
  public:
    Quarantine(std::string folder, const std::string& name) : folder_(std::move(folder)), path_(folder_ + "/" + name) {}
    /// Of a run that goes on: its first so many lines stay, as those after them are told again. How many of them there are: fewer
    /// where the file is gone, or where other ranks told some. Throws base::Failure (io).
    std::uint64_t keep(std::uint64_t lines);
    /// Throws base::Failure (cannot_create, io).
    void add(const BadRecord& bad);
    const std::string& path() const { return path_; }

  private:
    std::string folder_, path_;
    std::ofstream file_;
    bool goes_on_ = false;
};

/// quarantine.jsonl; of several ranks quarantine-r00001.jsonl.
std::string quarantine_name(std::uint32_t rank, std::uint32_t world);
/// quarantine-e0-w00000003-00000007.jsonl, as another process may be at another range.
std::string quarantine_name(const loom::WindowRange& range);

}  // namespace embedloom::run
