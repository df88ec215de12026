// How many terminal columns a text takes, and how to make it as wide as a table wants it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace embedloom::cli {

/// Columns of UTF-8 text: wide characters (Chinese, emoji) take two, combining marks none.
std::size_t text_width(std::string_view text);

/// The text with control characters, line ends and malformed bytes made visible (U+00B7 for one of them).
std::string printable(std::string_view text);

/// At most `columns` columns: cut texts end with an ellipsis.
std::string cut_to(std::string_view text, std::size_t columns);

enum class Align { left, right };
/// Spaces added up to `columns`.
std::string padded(std::string_view text, std::size_t columns, Align align);

}  // namespace embedloom::cli
