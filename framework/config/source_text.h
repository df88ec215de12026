// The bytes of a config made ready for the YAML parser: valid UTF-8, plain line ends, no trap for the parser.
#pragma once

#include <embedloom/config/mark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::config {

/// Without byte order mark, with LF alone as line end. Mistakes that make the text unreadable (not UTF-8,
/// control characters, UTF-16) leave an empty text and give true for `is_refused`.
struct SourceText {
    std::string text;
    bool is_refused = false;
};

SourceText clean(std::string_view bytes, const Mark& start, Mistakes& mistakes);

/// Lines and columns of a text in constant time: the parser counts bytes, people count characters.
class TextIndex {
  public:
    explicit TextIndex(std::string_view text);
    /// Where the line of `byte` begins.
    std::size_t line_begin(std::size_t byte) const;
    /// Line and column, from 1.
    std::uint64_t line(std::size_t byte) const;
    std::uint64_t column(std::size_t byte) const {
        return characters_before(byte) - characters_before(line_begin(byte)) + 1;
    }

  private:
    std::uint64_t characters_before(std::size_t byte) const;

    std::string_view text_;
    std::vector<std::size_t> line_begins_;
    std::vector<std::uint64_t> samples_;  // characters before every 64th byte
};

}  // namespace embedloom::config
