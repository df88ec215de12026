// What plugins there are, and everything that is generated from what they declare.
#pragma once

#include <embedloom/base/error.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::run {

/// The plugins of some folders and of the program's own. [main]
class Catalogue {
  public:
    explicit Catalogue(const std::vector<std::filesystem::path>& folders);
    ~Catalogue();

    /// Files and folders of plugins that cannot be used, each with its reason.
    const std::vector<base::Error>& left_out() const;
    /// A table: kind, name, version, summary; then shadowed and unusable files with the reason.
    std::string list() const;
    /// What a plugin does and its parameters. `name` is "wordpiece" or "tokenizer/wordpiece". Throws base::Failure (usage)
    /// with the nearest name.
    std::string describe(std::string_view name) const;
    /// JSON Schema of configs.
    std::string schema() const;
    /// A commented config; `stages` are "tokenizer=wordpiece".
    std::string config_template(const std::vector<std::string>& stages) const;
    /// Parameter tables of everything as Markdown: the body of docs/config.md.
    std::string reference() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// The one of `names` that `word` is likely to mean, or "".
std::string nearest(const std::string& word, const std::vector<std::string>& names);

}  // namespace embedloom::run
