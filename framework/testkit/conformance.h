// The conformance suite: puts a built plugin file through everything that the contract asks of it.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::testkit {

/// Parameters for the stages that need some: "tokenizer/wordpiece" to "vocab" to "data/vocab.txt". Texts as YAML writes
/// them; for a parameter that is a stage the text names it, "table/random", with settings of its own here.
using Settings = std::map<std::string, std::map<std::string, std::string>>;

/// Reads settings from a text: a line "kind/name parameter=value parameter=value" for each stage, '#' starts a comment.
/// Throws base::Failure with the line.
Settings read_settings(std::string_view text, const std::string& source);

/// What is put to the test.
struct Subject {
    std::filesystem::path file;
    std::vector<std::filesystem::path> folders;  ///< of plugins that are parameters of its stages
    Settings settings;
};

struct Options {
    std::chrono::seconds limit{60};  ///< for each check
    std::uint32_t threads = 8;
    std::string only = {};           ///< checks of stages whose claim begins with this; empty: all
};

enum class Verdict {
    passed,
    failed,
    skipped,      ///< a setting is missing
    not_concerned ///< the stage has nothing that the check is about
};

struct Result {
    std::string stage;  ///< "tokenizer/wordpiece"; the file's name where it concerns the file
    std::string check;  ///< a claim: "a text gives the same tokens alone and among others"
    Verdict verdict = Verdict::passed;
    std::string detail;  ///< why it did not pass
};

/// [main] Runs every check in a process of its own, so that one that crashes, hangs or writes to the terminal is a result and
/// no accident. Must be called before the program has started threads: it forks.
std::vector<Result> check_plugin(const Subject& subject, const Options& options = {});

}  // namespace embedloom::testkit
