// Kinds as words, and which words may be names and versions.
#include <embedloom/host/kind.h>

#include <algorithm>
#include <array>

namespace embedloom::host {

namespace {

// The place in the list is the number of the kind.
constexpr std::array<std::string_view, 9> kind_names{"?",         "source",   "prepare", "tokenizer", "segment",
                                                     "objective", "position", "table",   "sink"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view kind_name(el_kind kind) { return kind < kind_names.size() ? kind_names[kind] : kind_names[0]; }

std::optional<el_kind> kind_of(std::string_view name) {
    for (el_kind kind = 1; kind < kind_names.size(); ++kind)
        if (kind_names[kind] == name) return kind;
    return std::nullopt;
}

std::string plugin_name(const StageName& stage) {
    return std::string(kind_name(stage.kind)) + "/" + stage.name + " " + stage.version;
}

std::string plugin_name(const el_stage& stage) {
    return plugin_name(StageName{stage.kind, std::string(view_of(stage.name)), std::string(view_of(stage.version))});
}

bool is_name(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
    return !text.empty() && text.size() <= 64 && !is_digit(text[0]) && std::ranges::all_of(text, fits);
}

bool is_version(std::string_view text) {
    int numbers = 0;
    while (!text.empty() && is_digit(text[0])) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits > 9) return false;
        text.remove_prefix(digits);
        ++numbers;
        if (text.empty()) return numbers == 3;
        if (text[0] != '.') return false;
        text.remove_prefix(1);
    }
    return false;
}

}  // namespace embedloom::host
