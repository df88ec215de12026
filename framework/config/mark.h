// A place in a config: in which file or command-line override, line and column; and the list of mistakes
// found.
#pragma once

#include <embedloom/base/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace embedloom::config {

/// Where a key or value stands. A default has no place of its own: it carries that of the map it belongs to.
struct Mark {
    std::shared_ptr<const std::string> source;  ///< "configs/bert.yaml" or "--set run.seed=7"
    std::uint64_t line = base::no_place;        ///< from 1
    std::uint64_t column = base::no_place;      ///< from 1, in characters
};

/// `error` with the place of `mark`. A code that was not chosen becomes `config` (78).
base::Error at(const Mark& mark, base::Error error);

/// Collects mistakes so that one run shows them all. Keeps the first 100 and counts the rest. [main]
class Mistakes {
  public:
    void add(const Mark& mark, base::Error error);
    void add(const std::vector<base::Error>& errors);
    bool empty() const { return errors_.empty(); }
    /// Those of the config itself (78), then those of files that it names (66, 77); each by source, line and
    /// column. So the first one's code is the exit code. Ends with a line that says how many are not shown.
    std::vector<base::Error> take();
    /// Throws them as one Failure, if there are any.
    void throw_if_any();

  private:
    std::vector<base::Error> errors_;
    std::size_t not_shown_ = 0;
};

}  // namespace embedloom::config
