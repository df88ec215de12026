// The one error type: what went wrong, where, what was found, what was expected, and what to do about it.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::base {

/// Why something failed. The value is the exit code of the program (sysexits.h), so the two cannot drift apart.
enum class Code : int {
    usage = 64,          ///< the command line
    bad_data = 65,       ///< a record, tokenizer, table or state file
    no_input = 66,       ///< a file that is not there
    peer_gone = 69,      ///< another rank died
    internal = 70,       ///< a bug of ours or of a plugin
    resources = 71,      ///< memory, threads, descriptors
    cannot_create = 73,  ///< an output that cannot be made, or a full disk
    io = 74,             ///< the machine failed while reading or writing
    stalled = 75,        ///< no progress
    permission = 77,     ///< not allowed
    config = 78,         ///< a configuration or plugin that is refused
    interrupted = 130,   ///< SIGINT
    terminated = 143,    ///< SIGTERM
};

enum class Severity { note, warning, error };

/// The place of an error that has none.
inline constexpr std::uint64_t no_place = ~std::uint64_t{0};

/// One mistake. Empty texts and `no_place` numbers are left out of what people and machines see.
struct Error {
    Code code = Code::internal;
    Severity severity = Severity::error;
    std::string stage;     ///< path in the config: "segment", "embedding.token"
    std::string plugin;    ///< "tokenizer/wordpiece 1.0.0"
    std::string source;    ///< the file the error is in: the config, a data file, a table
    std::uint64_t byte = no_place;    ///< offset in `source`, from 0
    std::uint64_t line = no_place;    ///< line in `source`, from 1
    std::uint64_t column = no_place;  ///< column in `source`, from 1, in characters
    std::string key_path;  ///< "segment.max_length"
    std::string found;     ///< what is there: "0", "a list", "12 bytes"
    std::string expected;  ///< what should be: "an integer from 1 to 1048576"
    std::string hint;      ///< what to do: "did you mean 'max_length'?"
    std::string cause;     ///< the message of a lower layer: strerror, dlerror
};

/// "file:line:column: key.path: plugin: found X, expected Y; hint [cause]", the one line for people.
std::string one_line(const Error& error);

/// The same as one JSON object without a newline; keys are the members' names.
std::string to_json(const Error& error);

/// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_quote(std::string_view text);

/// What rooms throw: one or more errors. what() is their lines, one each.
class Failure : public std::exception {
  public:
    explicit Failure(Error error) : Failure(std::vector<Error>{std::move(error)}) {}
    explicit Failure(std::vector<Error> errors);
    const char* what() const noexcept override { return text_.c_str(); }
    const std::vector<Error>& errors() const noexcept { return errors_; }
    const Error& first() const noexcept { return errors_.front(); }

  private:
    std::vector<Error> errors_;  // never empty
    std::string text_;
};

}  // namespace embedloom::base
