// What a record is: a line, a paragraph or a whole file, and where each starts and ends in bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace embedloom::source {

/// Line ends are \n and \r\n. A blank line has nothing before its end. A paragraph is a run of lines without a blank one.
enum class Unit { lines, paragraphs, files };

/// Some bytes of a file. Functions below may need two more than they have, to see a line end whole: then they say npos.
struct Window {
    std::string_view bytes;
    bool at_start = false;  ///< bytes[0] is the first of the content
    bool at_end = false;    ///< bytes.back() is the last of the content
};

inline constexpr std::size_t npos = std::string_view::npos;
/// Bytes that tell whether a record starts at a place: before it, and from it on.
inline constexpr std::size_t look_back = 3, look_ahead = 2;

/// From a place between records to the next record: over blank lines. npos: bytes are lacking. May be the window's size.
std::size_t skip_blank(const Window& window, std::size_t from, Unit unit);

/// From inside a record to its end, the line end included; npos: not in the window.
std::size_t end_of_record(const Window& window, std::size_t from, Unit unit);

/// Whether a record could end right before `at` (so that one, or blank lines, start there). Looks back three bytes.
bool is_between(const Window& window, std::size_t at, Unit unit);

/// The first place from `from` on that is between records; npos: none in the window. Looks back three bytes from there.
std::size_t find_between(const Window& window, std::size_t from, Unit unit);

/// The text of a line without its end.
std::string_view without_line_end(std::string_view line);

}  // namespace embedloom::source
