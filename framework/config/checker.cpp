// Checks maps against tables: unknown, missing and empty keys, scalars, and lists of texts, files and
// folders.
#include <embedloom/config/checker.h>
#include <embedloom/config/scalar.h>

#include <algorithm>
#include <utility>

namespace embedloom::config {

namespace {

std::string below(const std::string& path, const std::string& name) {
    return path.empty() ? name : path + "." + name;
}

bool is_text_like(Type type) {
    return type == Type::text || type == Type::choice || type == Type::path || type == Type::directory;
}

/// The default of a parameter as a node, as if it were written where its map stands.
Node fallback_node(const Parameter& parameter, const Mark& mark) {
    Tree tree = parse(*parameter.fallback, "a default");
    const bool is_plain_text =
        is_text_like(parameter.type) && (!tree.errors.empty() || tree.root.kind != Kind::scalar);
    Node node =
        is_plain_text ? Node{.kind = Kind::scalar, .text = *parameter.fallback} : std::move(tree.root);
    node.mark = mark;
    for (Node& item : node.items) item.mark = mark;
    return node;
}

}  // namespace

Section Checker::section(const std::vector<Parameter>& table, const Node& node, const Place& place) {
    const std::set<std::string> guessed = report_unknown(table, node, place);
    Section out{.path = place.path, .mark = place.mark};
    for (const Parameter& parameter : table) {
        const Node* given = node.find(parameter.name);
        if (!given && parameter.is_required && guessed.contains(parameter.name)) {
            out.values.push_back({.name = parameter.name, .path = below(place.path, parameter.name)});
            continue;  // told already, as what an unknown key was meant to be
        }
        out.values.push_back(value(parameter, given, place));
    }
    return out;
}

std::set<std::string> Checker::report_unknown(const std::vector<Parameter>& table, const Node& node,
                                              const Place& place) {
    std::set<std::string> guessed;
    const std::vector<std::string> names = names_of(table);
    for (const Entry& entry : node.entries) {
        if (std::find(names.begin(), names.end(), entry.key) != names.end()) continue;
        const std::string near = nearest(entry.key, names);
        base::Error error{.key_path = below(place.path, entry.key.substr(0, 80)), .found = "an unknown key"};
        if (near.empty())
            error.expected = names.empty() ? "no key" : "one of " + joined(names);
        else
            error.hint = "did you mean '" + near + "'?";
        if (!near.empty()) guessed.insert(near);
        mistakes_.add(entry.mark, std::move(error));
    }
    return guessed;
}

void Checker::report_missing(const Parameter& parameter, const Place& place) {
    mistakes_.add(place.mark, {.key_path = below(place.path, parameter.name),
                               .found = "no '" + parameter.name + "'",
                               .expected = expectation(parameter)});
}

Value Checker::value(const Parameter& parameter, const Node* node, const Place& parent) {
    Value out{.name = parameter.name, .path = below(parent.path, parameter.name), .type = parameter.type};
    out.keeps_rows = parent.keeps_rows || parameter.keeps_rows;
    out.is_default = !node || node->kind == Kind::null;
    out.mark = node ? node->mark : parent.mark;
    const Place place{out.path, out.mark, out.keeps_rows};
    fill_or_report(parameter, node, parent, out);
    if (!out.is_set() && !out.is_default && parameter.fallback) {
        Mistakes ignored;  // what is wrong is told; the default only stands in
        Checker(catalogue_, folders_, ignored).fill(parameter, fallback_node(parameter, out.mark), place, out);
    }
    return out;
}

void Checker::fill_or_report(const Parameter& parameter, const Node* node, const Place& parent, Value& out) {
    const Place place{out.path, out.mark, out.keeps_rows};
    if (node && node->is_told) return;
    if (!out.is_default) {
        if (node->kind == Kind::empty)
            mistakes_.add(node->mark,
                          {.key_path = out.path,
                           .found = "nothing",
                           .expected = expectation(parameter),
                           .hint = parameter.is_required ? "" : "give it a value or leave the key out"});
        else
            fill(parameter, *node, place, out);
    } else if (parameter.is_required) {
        if (node)
            mistakes_.add(node->mark,
                          {.key_path = out.path, .found = "null", .expected = expectation(parameter)});
        else
            report_missing(parameter, parent);
    } else if (parameter.fallback) {
        fill(parameter, fallback_node(parameter, out.mark), place, out);
    }
}

void Checker::fill(const Parameter& parameter, const Node& node, const Place& place, Value& out) {
    switch (parameter.type) {
        case Type::stage:
            return fill_stage(parameter, node, place, out);
        case Type::stages:
            return fill_stages(parameter, node, place, out);
        case Type::section:
            return fill_section(parameter, node, place, out);
        case Type::path:
        case Type::directory:
            return fill_path(parameter, node, out);
        case Type::files:
        case Type::folders:
        case Type::texts:
            return fill_list(parameter, node, out);
        default:
            break;
    }
    base::Error error{.key_path = place.path};
    out.data = read_scalar(parameter, node, error);
    if (!out.is_set()) mistakes_.add(node.mark, std::move(error));
}

std::vector<std::string> Checker::texts_of(const Parameter& parameter, const Node& node, Value& out) {
    std::vector<std::string> texts;
    if (node.kind != Kind::list && node.kind != Kind::scalar)
        mistakes_.add(node.mark,
                      {.key_path = out.path, .found = describe(node), .expected = expectation(parameter)});
    const std::vector<Node> one{node};
    for (const Node& item : node.kind == Kind::list ? node.items : one) {
        if (item.is_told) continue;
        if (item.kind == Kind::scalar) {
            texts.push_back(item.text);
            out.item_marks.push_back(item.mark);
        } else if (node.kind == Kind::list) {
            mistakes_.add(item.mark, {.key_path = below(out.path, std::to_string(&item - node.items.data())),
                                      .found = describe(item),
                                      .expected = "text"});
        }
    }
    return texts;
}

void Checker::fill_list(const Parameter& parameter, const Node& node, Value& out) {
    std::vector<std::string> texts = texts_of(parameter, node, out);
    if (parameter.type == Type::files) return fill_files(node, out, std::move(texts));
    if (parameter.type == Type::folders) {
        for (std::size_t i = 0; i < texts.size(); ++i) {
            try {
                texts[i] = resolved(texts[i], folders_);
                require_folder(texts[i]);
            } catch (const base::Failure& failure) {
                base::Error error = failure.first();
                error.key_path = below(out.path, std::to_string(i));
                mistakes_.add(out.item_marks[i], std::move(error));
            }
        }
    }
    out.data = std::move(texts);
}

void Checker::fill_files(const Node& node, Value& out, std::vector<std::string> entries) {
    if (node.kind == Kind::list && node.items.empty())
        mistakes_.add(node.mark,
                      {.key_path = out.path, .found = "an empty list", .expected = "one file at least"});
    FileList list = list_files(entries, folders_);
    for (auto& [index, error] : list.errors) {
        error.key_path = node.kind == Kind::list ? below(out.path, std::to_string(index)) : out.path;
        mistakes_.add(out.item_marks[index], std::move(error));
    }
    out.data = std::move(list.files);
    out.folders = std::move(list.folders);
}

void Checker::fill_path(const Parameter& parameter, const Node& node, Value& out) {
    base::Error error{.found = describe(node), .expected = expectation(parameter)};
    try {
        if (node.kind != Kind::scalar) throw base::Failure(error);
        const std::string path = resolved(node.text, folders_);
        parameter.type == Type::path ? require_file(path) : require_no_file(path);
        out.data = path;
    } catch (const base::Failure& failure) {
        error = failure.first();
        error.key_path = out.path;
        mistakes_.add(node.mark, std::move(error));
    }
}

void Checker::fill_section(const Parameter& parameter, const Node& node, const Place& place, Value& out) {
    const bool is_short = node.kind == Kind::scalar && !parameter.shorthand.empty();
    if (!is_short && node.kind != Kind::map) {
        mistakes_.add(node.mark,
                      {.key_path = place.path, .found = describe(node), .expected = expectation(parameter)});
        return;
    }
    Node wrapped{.kind = Kind::map, .mark = node.mark};
    if (is_short) wrapped.entries.push_back({parameter.shorthand, node.mark, node});
    out.sections.push_back(section(parameter.keys, is_short ? wrapped : node, place));
    if (!is_short) return;
    for (Value& below_it : out.sections[0].values) below_it.is_default |= out.is_default;
}

}  // namespace embedloom::config
