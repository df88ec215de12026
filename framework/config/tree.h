// A YAML file as a tree of small nodes, each with its place; what a config must not contain is refused here.
#pragma once

#include <embedloom/config/mark.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::config {

/// What a config may hold at most. Everything beyond is refused with the number in the message.
struct Limits {
    std::size_t bytes = std::size_t{1} << 20;
    std::size_t depth = 64;      ///< lists and maps within each other
    std::size_t nodes = 100000;  ///< values, those that aliases repeat included
    std::size_t aliases = 100;
    std::size_t keys = 4096;  ///< in one map
};

enum class Kind : std::uint8_t {
    empty,  ///< nothing stands after the key
    null,   ///< `null` or `~`: as if the key were left out
    scalar,
    list,
    map,
};

struct Entry;

/// A value. What a plain scalar means (number, boolean, text) is for the schema to say, never for its looks.
struct Node {
    Kind kind = Kind::empty;
    bool is_plain = false;       ///< scalar: without quotes
    bool is_told = false;        ///< a mistake in it is told already: checks leave it alone
    Mark mark;                   ///< of its first character; empty: of its key
    std::string text;            ///< scalar: after quotes and escapes
    std::vector<Node> items;     ///< list
    std::vector<Entry> entries;  ///< map, in the file's order, each key once

    Node* find(std::string_view key);
    const Node* find(std::string_view key) const;
};

struct Entry {
    std::string key;
    Mark mark;  ///< of the key
    Node value;
};

/// What could be read, and every mistake on the way. `is_whole`: the tree stands for all the file, so that it
/// is worth checking although there are mistakes (a key given twice, a tag).
struct Tree {
    Node root;
    Mark start;  ///< line 1, column 1
    bool is_whole = true;
    std::vector<base::Error> errors;
};

/// Reads the text of one YAML document (UTF-8; a byte order mark, CR LF and CR are fine). A document without
/// content gives an empty root. Refused: a second document, tags, merge keys, directives but %YAML 1.x,
/// control characters, tabs in the indentation, keys that are not words, and what exceeds `limits`. Never
/// throws for what the bytes say. [any-thread]
Tree parse(std::string_view bytes, const std::string& name, const Limits& limits = {});

/// parse() of a regular file, named as `file` is written. A file that cannot be read is a mistake in the
/// tree: 66 where it is not there, 77 where it may not be read, 74 where reading fails, 78 where it is no
/// regular file or too large.
Tree read(const std::filesystem::path& file, const Limits& limits = {});

/// "a list", "a map", "nothing", "'text'": how a message names a value.
std::string describe(const Node& node);

/// `text` in single quotes, cut to at most `shown` characters, with line ends and control characters escaped.
std::string in_quotes(std::string_view text, std::size_t shown = 60);

}  // namespace embedloom::config
