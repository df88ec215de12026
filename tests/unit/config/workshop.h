// A folder for one test with the files a config names, and the mistakes of a config written there.
#pragma once

#include <embedloom/config/config.h>

#include <filesystem>
#include <string>
#include <vector>

#include "catalogue.h"
#include "support/temporary_folder.h"

namespace embedloom::config {

/// Holds data/a.txt, data/b.txt, vocab.txt and table.safetensors (all of one byte), and job.yaml as each call
/// writes it.
class Workshop {
  public:
    Workshop() {
        std::filesystem::create_directories(folder_ / "data");
        for (const char* name : {"data/a.txt", "data/b.txt", "vocab.txt", "table.safetensors"}) folder_.write(name, "x");
    }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    Spec load(const std::string& yaml, const std::vector<std::string>& sets = {}) const {
        const std::filesystem::path file = folder_.write("job.yaml", yaml);
        const auto environment = [this](std::string_view name) {
            return name == "HOME" ? std::optional(folder_.path().string())
                   : name == "N"  ? std::optional<std::string>("64")
                                  : std::nullopt;
        };
        return config::load(file, {sets, environment}, test_catalogue());
    }

    /// The mistakes, a line each, as "line:column: ..."; "{folder}" stands for the folder.
    std::string mistakes(const std::string& yaml, const std::vector<std::string>& sets = {}) const {
        try {
            load(yaml, sets);
        } catch (const base::Failure& failure) {
            return replaced(replaced(failure.what(), path("job.yaml") + ":", ""), folder_.path().string(),
                            "{folder}") +
                   "\n";
        }
        return "";
    }

    static std::string replaced(std::string text, const std::string& from, const std::string& to) {
        for (std::size_t i = 0; (i = text.find(from, i)) != std::string::npos; i += to.size())
            text.replace(i, from.size(), to);
        return text;
    }

  private:
    support::TemporaryFolder folder_;
};

/// A whole config; `more` is put at its end.
inline std::string job(const std::string& more = "") {
    return "schema: 1\n"
           "source: {use: text, files: [data]}\n"
           "tokenizer: {use: wordpiece, vocab: vocab.txt}\n"
           "segment: {use: single}\n"
           "batch: {size: 32}\n" +
           more;
}

}  // namespace embedloom::config
