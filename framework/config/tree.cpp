// Bytes to tree: clean, parse, and say in plain words what the YAML parser did not understand.
#include <embedloom/base/utf8.h>
#include <embedloom/config/read_file.h>
#include <embedloom/config/source_text.h>
#include <embedloom/config/tree.h>
#include <embedloom/config/tree_builder.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace embedloom::config {

namespace {

struct Wording {
    std::string_view parser_says;  // the start of its message
    const char* found;
    const char* expected;
    const char* hint;
};

constexpr std::array wordings{
    Wording{"illegal map value", "a ':' that fits no key", "one 'key: value' on a line",
            "put quotes around text that has ': ' in it, and indent all keys of a map equally"},
    Wording{"unknown token", "a character that no plain text can start with", "text, or quotes around it",
            ""},
    Wording{"illegal EOF in scalar", "the end of the file within quotes", "a closing quote", ""},
    Wording{"end of map not found", "what is no key of this map",
            "a key with the indentation of the keys before it",
            "check the indentation, and quotes that end too early"},
    Wording{"end of sequence not found", "what is no item of this list",
            "'- ' with the indentation of the items before it", "check the indentation"},
    Wording{"end of map flow not found", "what does not belong in { }", "',' or '}'",
            "put quotes around text that has { } [ ] or ',' in it, as \"${NAME}/file\""},
    Wording{"end of sequence flow not found", "what does not belong in [ ]", "',' or ']'",
            "put quotes around text that has { } [ ] or ',' in it, as \"${NAME}/file\""},
    Wording{"illegal flow end", "a ']' or '}' that does not close what was opened last", "brackets in pairs",
            "look for a bracket before it that is not closed"},
    Wording{"illegal block entry", "'- ' where no list can begin", "a list on its own lines",
            "check the indentation"},
    Wording{"the referenced anchor", "an alias to an anchor that is not there", "*NAME after an &NAME",
            "check the name"},
    Wording{"YAML major version", "a YAML version that does not exist", "%YAML 1.2", "remove the line"},
};

/// The parser's complaint as one of our mistakes.
base::Error reworded(const YAML::Exception& exception) {
    for (const Wording& wording : wordings)
        if (exception.msg.starts_with(wording.parser_says))
            return {.found = wording.found, .expected = wording.expected, .hint = wording.hint};
    return {.found = "what YAML does not allow", .expected = "YAML", .cause = exception.msg};
}

/// True where the document could be read to its end.
bool run_parser(const std::string& text, TreeBuilder& builder, Mistakes& mistakes) {
    std::istringstream stream(text);
    try {
        YAML::Parser parser(stream);
        if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);  // the second is refused
        return true;
    } catch (const ParseStopped&) {
        return false;
    } catch (const YAML::Exception& exception) {
        if (builder.is_tabbed(exception.mark)) return false;
        base::Error error = reworded(exception);
        error.key_path = builder.path();
        mistakes.add(builder.mark(exception.mark), std::move(error));
        return false;
    }
}

}  // namespace

Node* Node::find(std::string_view key) {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &found->value;
}

const Node* Node::find(std::string_view key) const {
    return const_cast<Node*>(this)->find(key);
}

Tree parse(std::string_view bytes, const std::string& name, const Limits& limits) {
    Tree tree{.start = {std::make_shared<const std::string>(name), 1, 1}};
    tree.root.mark = tree.start;
    Mistakes mistakes;
    if (bytes.size() > limits.bytes) {
        mistakes.add(tree.start, {.found = "more than " + std::to_string(limits.bytes) + " bytes",
                                  .expected = "a config"});
        tree.is_whole = false;
    } else if (const SourceText source = clean(bytes, tree.start, mistakes); source.is_refused) {
        tree.is_whole = false;
    } else {
        TreeBuilder builder(source.text, tree.start, limits, mistakes);
        tree.is_whole = run_parser(source.text, builder, mistakes);
        if (tree.is_whole && builder.has_document()) tree.root = builder.take_root();
    }
    tree.errors = mistakes.take();
    return tree;
}

Tree read(const std::filesystem::path& file, const Limits& limits) {
    try {
        return parse(read_file(file, limits.bytes), file.string(), limits);
    } catch (const base::Failure& failure) {
        Tree tree{.start = {std::make_shared<const std::string>(file.string())},
                  .is_whole = false,
                  .errors = failure.errors()};
        tree.root.mark = tree.start;
        return tree;
    }
}

std::string in_quotes(std::string_view text, std::size_t shown) {
    std::string out = "'";
    std::size_t characters = 0;
    for (const char c : text) {
        if (base::starts_character(c) && characters++ == shown) return out + "...'";
        if (c == '\n')
            out += "\\n";
        else if (static_cast<unsigned char>(c) < 0x20)
            out += "?";
        else
            out += c;
    }
    return out + "'";
}

std::string describe(const Node& node) {
    switch (node.kind) {
        case Kind::empty:
            return "nothing";
        case Kind::null:
            return "null";
        case Kind::scalar:
            return in_quotes(node.text);
        case Kind::list:
            return "a list";
        case Kind::map:
            return "a map";
    }
    return "";
}

}  // namespace embedloom::config
