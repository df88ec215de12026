// Reads JSON by the letter of RFC 8259, forward only: one pass, no recursion, no memory of its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace embedloom::source {

/// Why a line is no record, and where.
struct Fault {
    std::size_t at = 0;  ///< byte in the line
    std::string found, expected, hint;
};

/// A string as it stands between its quotes.
struct JsonString {
    std::string_view raw;
    std::size_t at = 0;  ///< of raw in the line
    bool escaped = false;
};

struct JsonNumber {
    std::string_view digits;  ///< as written
    bool whole = false;       ///< neither fraction nor exponent
};

/// A place in one line. Everything throws Fault where the line is no JSON.
class Cursor {
  public:
    static constexpr int max_depth = 64;

    explicit Cursor(std::string_view line) : begin_(line.data()), at_(begin_), end_(begin_ + line.size()) {}

    std::size_t at() const { return static_cast<std::size_t>(at_ - begin_); }
    bool at_end() const { return at_ == end_; }
    /// The next byte after white space; NUL at the end.
    char peek();
    /// Takes `c` after white space if it is there.
    bool take(char c);

    JsonString string();
    JsonNumber number();
    /// Any value, checked to its end. `depth`: of containers around it.
    void skip_value(int depth);
    /// The string before a colon, and the colon.
    JsonString key();

    /// "the end of the line", "`x`"
    [[noreturn]] void fail(std::string expected, std::string hint = "") const;
    [[noreturn]] void fail_at(std::size_t at, std::string found, std::string expected, std::string hint = "") const;

  private:
    bool scalar();
    void literal(std::string_view word);
    void escape();
    void digits();

    const char* begin_;
    const char* at_;
    const char* end_;
};

/// The UTF-16 unit of the four hexadecimal digits at `digits`, which are there.
std::uint32_t unit_of(const char* digits);

}  // namespace embedloom::source
