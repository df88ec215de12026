// The names of stages: their kinds as words, and how a stage is called in messages.
#pragma once

#include <embedloom/abi/plugin.h>

#include <optional>
#include <string>
#include <string_view>

namespace embedloom::host {

/// "tokenizer"; "?" for a number that is no kind.
std::string_view kind_name(el_kind kind);
/// The kind of a word, the reverse of kind_name.
std::optional<el_kind> kind_of(std::string_view name);

/// A stage as a plugin file's note says it.
struct StageName {
    el_kind kind = 0;
    std::string name;
    std::string version;
    bool operator==(const StageName&) const = default;
};

/// "tokenizer/wordpiece 1.0.0", as errors name a plugin.
std::string plugin_name(const StageName& stage);
std::string plugin_name(const el_stage& stage);

/// snake_case of at most 64 characters: what a stage or parameter may be called.
bool is_name(std::string_view text);
/// Three numbers with dots: "1.0.0".
bool is_version(std::string_view text);

inline std::string_view view_of(el_text text) {
    return text.data ? std::string_view(text.data, text.size) : std::string_view();
}
inline el_text text_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace embedloom::host
