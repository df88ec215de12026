// The file that bad records go to, with place and reason.
#pragma once

#include <embedloom/run/window_rows.h>

#include <fstream>
#include <string>

namespace embedloom::run {

/// quarantine.jsonl in a folder: a JSON line a record, in the stream's order. Made with its first line. Not for two threads.
class Quarantine {
  public:
    explicit Quarantine(std::string folder) : folder_(std::move(folder)) {}
    /// Throws base::Failure (cannot_create, io).
    void add(const BadRecord& bad);
    std::string path() const { return folder_ + "/quarantine.jsonl"; }

  private:
    std::string folder_;
    std::ofstream file_;
};

}  // namespace embedloom::run
