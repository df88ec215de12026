// Reads a config in two phases: what stands in it, then whether that is right.
#include <embedloom/config/checker.h>
#include <embedloom/config/config.h>
#include <embedloom/config/schema.h>

#include <algorithm>
#include <utility>

namespace embedloom::config {

namespace {

/// The folders of `plugins:` as far as they are well-formed; check() tells what is wrong with the others.
std::vector<std::string> well_formed_folders(const Node& root, const Folders& folders) {
    std::vector<std::string> out;
    const Node* plugins = root.find("plugins");
    if (!plugins) return out;
    const std::vector<Node> one{*plugins};
    for (const Node& item : plugins->kind == Kind::list ? plugins->items : one) {
        try {
            if (item.kind == Kind::scalar) out.push_back(resolved(item.text, folders));
        } catch (const base::Failure&) {  // told by check()
        }
    }
    return out;
}

Document document_of(Tree tree, const std::string& name, const std::filesystem::path& folder, const Options& options) {
    if (!tree.is_whole) throw base::Failure(std::move(tree.errors));
    Mistakes mistakes;
    mistakes.add(tree.errors);
    apply_sets(tree, options.sets, mistakes);
    expand_environment(tree.root, options.environment, mistakes);
    Document out{.file = name, .root = std::move(tree.root)};
    out.folders = {folder.string(), options.environment("HOME").value_or("")};
    out.plugin_folders = well_formed_folders(out.root, out.folders);
    out.mistakes = mistakes.take();
    return out;
}

Checked check_table(const Document& document, const Catalogue& catalogue, const std::vector<Parameter>& table) {
    Mistakes mistakes;
    mistakes.add(document.mistakes);
    const Node& root = document.root;
    Spec spec{.file = document.file, .folder = document.folders.config};
    if (root.kind == Kind::map)
        spec.root = Checker(catalogue, document.folders, mistakes).section(table, root, {.path = "", .mark = root.mark});
    else
        mistakes.add(root.mark, {.found = root.kind == Kind::empty ? "an empty file" : describe(root),
                                 .expected = "a map with schema, source, tokenizer, segment and batch"});
    return {std::move(spec), mistakes.take()};
}

Spec or_throw(Checked checked) {
    if (!checked.mistakes.empty()) throw base::Failure(std::move(checked.mistakes));
    return std::move(checked.spec);
}

}  // namespace

Document open(const std::filesystem::path& file, const Options& options) {
    if (file.empty())
        throw base::Failure({.code = base::Code::usage, .found = "an empty path", .expected = "the path of a config file"});
    return document_of(read(file), file.string(), std::filesystem::absolute(file).parent_path(), options);
}

Document open_text(std::string_view text, const std::string& name, const std::filesystem::path& folder, const Options& options) {
    return document_of(parse(text, name), name, folder, options);
}

Spec check(const Document& document, const Catalogue& catalogue) { return or_throw(check_all(document, catalogue)); }

Checked check_all(const Document& document, const Catalogue& catalogue) { return check_table(document, catalogue, top_level()); }

Spec check_parts(const Document& document, const Catalogue& catalogue, const std::vector<std::string>& keys) {
    const auto is_asked_for = [&](const std::string& key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
    std::vector<Parameter> table = top_level();
    std::erase_if(table, [&](const Parameter& parameter) { return !is_asked_for(parameter.name); });
    Document part = document;
    std::erase_if(part.root.entries, [&](const Entry& entry) { return !is_asked_for(entry.key); });
    return or_throw(check_table(part, catalogue, table));
}

Spec load(const std::filesystem::path& file, const Options& options, const Catalogue& catalogue) {
    return check(open(file, options), catalogue);
}

}  // namespace embedloom::config
