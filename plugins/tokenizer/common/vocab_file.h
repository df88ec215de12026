// Reads a vocab.txt, and says what a file that is no vocabulary looks like.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::plugins {

/// Longest token a file may have: longer ones are a mistake of the file, and would make every search slower.
inline constexpr std::size_t longest_token = 1024;
/// Most tokens a vocabulary may have.
inline constexpr std::size_t most_tokens = std::size_t{1} << 24;

/// First byte that is not part of valid UTF-8, where there is one.
std::uint64_t first_bad_byte(std::string_view bytes);

/// Refuses files that are something else altogether: empty, a Git-LFS pointer, HTML, gzip, UTF-16, not UTF-8.
/// `kind` is what was hoped for ("a vocab.txt"). Throws LoadFailure.
void refuse_foreign(std::string_view bytes, const char* kind);

/// The tokens of a vocab.txt, one a line, the line number from 0 being the id. White space at line ends, a
/// carriage return too, and a byte order mark are not part of tokens, empty lines at the end are none. Throws
/// LoadFailure for duplicates, empty lines inside, tokens over `longest_token`, more than `most_tokens`.
std::vector<std::string> read_vocab_txt(std::string_view bytes);

}  // namespace embedloom::plugins
