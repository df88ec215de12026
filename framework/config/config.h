// What callers use: read a config, learn where its plugins are, and check it against what those plugins
// declare.
#pragma once

#include <embedloom/config/description.h>
#include <embedloom/config/override.h>
#include <embedloom/config/paths.h>
#include <embedloom/config/spec.h>
#include <embedloom/config/tree.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::config {

struct Options {
    std::vector<std::string> sets;  ///< the arguments of --set, in order
    Environment environment = process_environment;
};

/// A config that is read, with overrides and variables in place, before anything is known of plugins.
struct Document {
    std::string file;  ///< as it was named
    Folders folders;
    Node root;
    std::vector<base::Error> mistakes;        ///< so far; check() reports them with its own
    std::vector<std::string> plugin_folders;  ///< of `plugins:`, absolute; those that are well-formed
};

/// Phase 1. Throws base::Failure only where there is no tree to go on with: the file cannot be read, or is no
/// YAML. [main]
Document open(const std::filesystem::path& file, const Options& options = {});

/// Phase 1 for a config that is no file: named `name` in messages, its paths relative to `folder` (absolute). [main]
Document open_text(std::string_view text, const std::string& name, const std::filesystem::path& folder, const Options& options = {});

/// Phase 2. Throws base::Failure with every mistake of the document: those of the config itself (exit code
/// 78) by line, then files that are missing (66) or may not be read (77) by line. [main]
Spec check(const Document& document, const Catalogue& catalogue);

/// A config and its mistakes, sorted as check() throws them. For a value that is refused its default stands in, so that the rest can
/// be judged; what has none is unset.
struct Checked {
    Spec spec;
    std::vector<base::Error> mistakes;
};

/// Phase 2 for a caller who finds more mistakes. Throws nothing. [main]
Checked check_all(const Document& document, const Catalogue& catalogue);

/// Phase 2 for these top-level keys alone; the others may be missing and are not looked at. [main]
Spec check_parts(const Document& document, const Catalogue& catalogue, const std::vector<std::string>& keys);

/// Both phases, where the catalogue does not depend on the config. [main]
Spec load(const std::filesystem::path& file, const Options& options, const Catalogue& catalogue);

}  // namespace embedloom::config
