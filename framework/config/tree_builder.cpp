// The events of one document become nodes; duplicates, tags, aliases and limits are judged on the way.
#include <embedloom/config/tree_builder.h>

#include <algorithm>
#include <utility>

namespace embedloom::config {

namespace {

constexpr std::size_t path_shown = 60;  // a longer path helps nobody

std::size_t count_nodes(const Node& node) {
    std::size_t sum = 1;
    for (const Node& item : node.items) sum += count_nodes(item);
    for (const Entry& entry : node.entries) sum += count_nodes(entry.value);
    return sum;
}

std::size_t height(const Node& node) {
    std::size_t most = 0;
    for (const Node& item : node.items) most = std::max(most, height(item));
    for (const Entry& entry : node.entries) most = std::max(most, height(entry.value));
    return node.kind == Kind::list || node.kind == Kind::map ? most + 1 : 0;
}

/// The offset after the quoted text that starts at `i`, or npos where its closing quote is missing.
std::size_t end_of_quoted(std::string_view text, std::size_t i) {
    const char quote = text[i++];
    for (; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            if (quote == '"' || text.substr(i + 1, 1) != "'") return i + 1;
            ++i;
        }
    }
    return std::string_view::npos;
}

bool is_null_word(std::string_view word) {
    return word == "~" || word == "null" || word == "Null" || word == "NULL";
}

}  // namespace

TreeBuilder::TreeBuilder(std::string_view text, const Mark& start, const Limits& limits, Mistakes& mistakes)
    : text_(text), start_(start), limits_(limits), mistakes_(mistakes), index_(text) {}

Mark TreeBuilder::mark(const YAML::Mark& place) const {
    if (place.is_null()) return start_;
    const std::size_t byte = byte_of(place);
    return {start_.source, index_.line(byte), index_.column(byte)};
}

std::string TreeBuilder::path() const {
    std::string out;
    for (const Frame& frame : frames_) {
        const std::string step = frame.node.kind == Kind::list ? std::to_string(frame.node.items.size())
                                 : frame.pending               ? frame.pending->key
                                                               : "";
        if (!step.empty()) out += (out.empty() ? "" : ".") + step;
    }
    return out.size() > path_shown ? "" : out;
}

void TreeBuilder::stop(const Mark& place, base::Error error) {
    error.key_path = path();
    mistakes_.add(place, std::move(error));
    throw ParseStopped{};
}

bool TreeBuilder::is_tabbed(const YAML::Mark& place) {
    const std::size_t begin = index_.line_begin(byte_of(place));
    const std::size_t first = text_.find_first_not_of(" \t", begin);
    const std::size_t tab = text_.substr(0, first).find('\t', begin);
    if (tab == std::string_view::npos || first == std::string_view::npos) return false;
    if (!tabbed_lines_.insert(index_.line(tab)).second) return true;
    const Mark at_tab{start_.source, index_.line(tab), index_.column(tab)};
    mistakes_.add(
        at_tab,
        {.found = "a tab in the indentation", .expected = "spaces", .hint = "replace tabs by spaces"});
    return true;
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& place) {
    if (documents_++ == 0) return;
    stop(mark(place), {.found = "text after the end of the document",
                       .expected = "one document",
                       .hint = "remove '---' and '...', and give all top-level keys the same indentation"});
}

void TreeBuilder::OnNull(const YAML::Mark& place, YAML::anchor_t anchor) {
    Node node{.kind = Kind::null, .mark = mark(place)};
    const std::size_t begin = byte_of(place);
    if (!is_null_word(text_.substr(begin, text_.find_first_of(" \t\n,]}:", begin) - begin))) {
        node.kind = Kind::empty;  // the parser gives it the place of what follows
        if (!frames_.empty() && frames_.back().pending) node.mark = frames_.back().pending->mark;
    }
    place_value(std::move(node), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& place, YAML::anchor_t anchor) {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end())
        stop(mark(place), {.found = "an alias to the value that it is part of",
                           .expected = "an alias to a finished value"});
    if (++aliases_ > limits_.aliases)
        stop(mark(place),
             {.found = "more than " + std::to_string(limits_.aliases) + " aliases", .expected = "fewer"});
    if (frames_.size() + height(found->second) > limits_.depth)
        stop(mark(place),
             {.found = "an alias that nests lists and maps deeper than " + std::to_string(limits_.depth),
              .expected = "a flatter file"});
    count(count_nodes(found->second), mark(place));
    place_value(found->second, 0);
}

void TreeBuilder::OnScalar(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    const bool is_tagged = check_tag(place, tag);
    if (tag == "!") check_quotes(place);
    place_value({.kind = Kind::scalar,
                 .is_plain = tag != "!",
                 .is_told = is_tagged,
                 .mark = mark(place),
                 .text = value},
                anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
    enter(Kind::list, place, tag, anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
    enter(Kind::map, place, tag, anchor);
}

void TreeBuilder::enter(Kind kind, const YAML::Mark& place, const std::string& tag, YAML::anchor_t anchor) {
    is_tabbed(place);
    if (!tag.empty() && tag != "?") check_tag(place, tag == "!" ? "!!" : tag);
    count(1, mark(place));
    if (frames_.size() == limits_.depth)
        stop(mark(place), {.found = "lists and maps nested deeper than " + std::to_string(limits_.depth),
                           .expected = "a flatter file"});
    const bool is_key = wants_key();
    frames_.push_back({.node = {.kind = kind, .mark = mark(place)}, .anchor = anchor, .is_key = is_key});
}

void TreeBuilder::leave() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.anchor != 0) {
        count(count_nodes(frame.node), frame.node.mark);
        anchored_[frame.anchor] = frame.node;
    }
    if (frame.is_key)
        place_key(frame.node);
    else
        attach(std::move(frame.node));
}

bool TreeBuilder::wants_key() const {
    return !frames_.empty() && frames_.back().node.kind == Kind::map && !frames_.back().pending;
}

void TreeBuilder::place_value(Node node, YAML::anchor_t anchor) {
    if (anchor != 0) anchored_[anchor] = node;
    count(1, node.mark);
    if (wants_key())
        place_key(node);
    else
        attach(std::move(node));
}

void TreeBuilder::place_key(const Node& node) {
    Frame& frame = frames_.back();
    if (frame.line_of_key.size() == limits_.keys)
        stop(node.mark, {.found = "a map with more than " + std::to_string(limits_.keys) + " keys",
                         .expected = "fewer"});
    const auto complain = [&](base::Error error) {
        error.key_path = path();
        if (node.kind == Kind::scalar)
            error.key_path += (error.key_path.empty() ? "" : ".") + node.text.substr(0, 80);
        mistakes_.add(node.mark, std::move(error));
    };
    if (node.kind != Kind::scalar) {
        complain({.found = describe(node) + " as a key", .expected = "a word"});
    } else if (node.is_plain && node.text == "<<") {
        complain({.found = "a merge key",
                  .expected = "a word",
                  .hint = "merging is not supported; write the keys out"});
    } else if (node.text.empty()) {
        complain({.found = "an empty key", .expected = "a word"});
    } else if (const auto [before, is_new] = frame.line_of_key.emplace(node.text, node.mark.line); !is_new) {
        complain({.found = in_quotes(node.text) + " a second time, first on line " +
                           std::to_string(before->second),
                  .expected = "each key once",
                  .hint = "remove one of the two"});
    } else {
        frame.pending = Entry{node.text, node.mark, {}};
        return;
    }
    frame.pending = Entry{"", node.mark, {}};  // its value is read and dropped
}

void TreeBuilder::attach(Node node) {
    if (frames_.empty()) {
        root_ = std::move(node);
        return;
    }
    Frame& frame = frames_.back();
    if (frame.node.kind == Kind::list) {
        frame.node.items.push_back(std::move(node));
        return;
    }
    Entry entry = std::move(*frame.pending);
    frame.pending.reset();
    entry.value = std::move(node);
    if (!entry.key.empty()) frame.node.entries.push_back(std::move(entry));
}

bool TreeBuilder::check_tag(const YAML::Mark& place, const std::string& tag) {
    is_tabbed(place);
    if (tag.empty() || tag == "?") return false;
    if (tag == "!") {  // what the parser says of quoted text too, so the text itself decides
        const std::size_t begin = byte_of_value(place);
        if (begin < text_.size() && text_[begin] != '!') return false;
    }
    base::Error error{
        .found = "a tag (!...)", .expected = "a value without one", .hint = "put text in quotes instead"};
    error.key_path = path();
    mistakes_.add(mark(place), std::move(error));
    return true;
}

void TreeBuilder::check_quotes(const YAML::Mark& place) {
    const std::size_t begin = byte_of_value(place);
    if (begin >= text_.size() || (text_[begin] != '"' && text_[begin] != '\'')) return;
    if (end_of_quoted(text_, begin) == std::string_view::npos)
        stop(mark(place),
             {.found = "a quote that is never closed", .expected = std::string("a closing ") + text_[begin]});
}

std::size_t TreeBuilder::byte_of(const YAML::Mark& place) const {
    return std::min(static_cast<std::size_t>(std::max(place.pos, 0)), text_.size());
}

std::size_t TreeBuilder::byte_of_value(const YAML::Mark& place) const {
    std::size_t i = byte_of(place);
    while (i < text_.size() && (text_[i] == '&' || text_[i] == '#')) {  // an anchor, a comment after it
        i = std::min(text_.find_first_of(text_[i] == '#' ? "\n" : " \t\n", i), text_.size());
        i = std::min(text_.find_first_not_of(" \t\n", i), text_.size());
    }
    return i;
}

void TreeBuilder::count(std::size_t nodes, const Mark& place) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes)
        stop(place, {.found = "more than " + std::to_string(limits_.nodes) + " values", .expected = "fewer"});
}

}  // namespace embedloom::config
