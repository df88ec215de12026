// The file that bad records go to, with place and reason.
#pragma once

#include <embedloom/loom/window_range.h>
#include <embedloom/run/window_rows.h>

#include <fstream>
#include <string>

namespace embedloom::run {

/// quarantine.jsonl in a folder: a JSON line a record, in the stream's order; of a range of windows quarantine-e0-w00000003-00000007.jsonl.
/// Made with its first line. Not for two threads.
class Quarantine {
  public:
    explicit Quarantine(std::string folder) : folder_(std::move(folder)) {}
    Quarantine(std::string folder, const loom::WindowRange& range);
    /// Throws base::Failure (cannot_create, io).
    void add(const BadRecord& bad);
    std::string path() const { return folder_ + "/" + name_; }

  private:
    std::string folder_;
    std::string name_ = "quarantine.jsonl";
    std::ofstream file_;
};

}  // namespace embedloom::run
