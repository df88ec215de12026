// Reads the lines that are right, at simdjson's speed; leaves all others to read_json_line, which says what is wrong.
#pragma once

#include "json_line.h"

#include <memory>

namespace embedloom::source {

/// One per worker. What it accepts read_json_line accepts too, with the same values (the tests hold it to that).
class TidyLines {
  public:
    TidyLines();
    ~TidyLines();

    /// Fills `fields` and says true for a good line; says false for one that is bad, long (simdjson's tree takes 14 times the
    /// bytes of a line) or odd. `line` has Pages::padding readable bytes behind it; texts are valid until the next call.
    bool read(std::string_view line, std::vector<WantedField>& fields);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace embedloom::source
