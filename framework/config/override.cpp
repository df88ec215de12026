// `--set a.b=c`: finds the place in the tree, making maps on the way, and puts the value there.
#include <embedloom/config/override.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace embedloom::config {

namespace {

constexpr std::size_t steps_at_most = 64;

/// The steps of "a.0.b"; empty where one of them is, or where there are too many.
std::vector<std::string> steps_of(std::string_view path) {
    std::vector<std::string> steps;
    while (true) {
        const std::size_t dot = path.find('.');
        steps.emplace_back(path.substr(0, dot));
        if (steps.back().empty() || steps.size() > steps_at_most) return {};
        if (dot == std::string_view::npos) return steps;
        path.remove_prefix(dot + 1);
    }
}

/// The item of a list that `step` names, or nothing.
Node* item(Node& list, const std::string& step) {
    std::size_t index = 0;
    const auto [end, status] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool is_number = status == std::errc{} && end == step.data() + step.size();
    return is_number && index < list.items.size() ? &list.items[index] : nullptr;
}

void remark(Node& node, const Mark& mark) {
    node.mark = mark;
    for (Node& child : node.items) remark(child, mark);
    for (Entry& entry : node.entries) {
        entry.mark = mark;
        remark(entry.value, mark);
    }
}

/// The child of `node` that `step` names; a map without that key gets it. What has no children is a mistake.
Node* descend(Node& node, const std::string& step, const Mark& mark, base::Error& error) {
    if (node.kind == Kind::empty || node.kind == Kind::null) node.kind = Kind::map;
    if (node.kind == Kind::map) {
        if (Node* child = node.find(step)) return child;
        node.entries.push_back({step, mark, {.mark = mark}});
        return &node.entries.back().value;
    }
    if (node.kind == Kind::list) {
        Node* child = item(node, step);
        if (!child)
            error = {.found = in_quotes(step) + " into a list of " + std::to_string(node.items.size()),
                     .expected = "the number of an item, from 0",
                     .hint = "or give the whole list, as [a, b]"};
        return child;
    }
    error = {.found = in_quotes(step) + " below the value " + describe(node),
             .expected = "the path of a key"};
    return nullptr;
}

void put(Tree& tree, const std::vector<std::string>& steps, Node value, Mistakes& mistakes) {
    const Mark mark = value.mark;
    Node* node = &tree.root;
    std::string path;
    for (const std::string& step : steps) {
        path += (path.empty() ? "" : ".") + step;
        base::Error error;
        node = descend(*node, step, mark, error);
        if (!node) {
            error.key_path = path;
            mistakes.add(mark, std::move(error));
            return;
        }
    }
    *node = std::move(value);
}

void apply(Tree& tree, const std::string& set, Mistakes& mistakes) {
    const Mark mark{std::make_shared<const std::string>("--set " + set)};
    const std::size_t equals = set.find('=');
    const auto steps = steps_of(std::string_view(set).substr(0, std::min(equals, set.size())));
    if (equals == std::string::npos || steps.empty()) {
        mistakes.add(
            mark, {.found = in_quotes(set), .expected = "key.path=value", .hint = "as in --set run.seed=7"});
        return;
    }
    Tree value = parse(std::string_view(set).substr(equals + 1), *mark.source);
    for (base::Error& error : value.errors) {
        error.line = base::no_place;  // the column counts from the value's first character
        error.column = base::no_place;
        error.key_path = set.substr(0, equals);
    }
    mistakes.add(value.errors);
    if (!value.is_whole) return;
    remark(value.root, mark);
    if (value.root.kind == Kind::empty)
        mistakes.add(mark, {.key_path = set.substr(0, equals),
                            .found = "nothing after '='",
                            .expected = "a value",
                            .hint = "write \"\" for an empty text, null to leave the key out"});
    else
        put(tree, steps, std::move(value.root), mistakes);
}

}  // namespace

void apply_sets(Tree& tree, const std::vector<std::string>& sets, Mistakes& mistakes) {
    for (const std::string& set : sets) apply(tree, set, mistakes);
}

}  // namespace embedloom::config
