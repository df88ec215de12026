// The last line of a plugin: EMBEDLOOM_PLUGIN(MyTokenizer) exports the one constant and the note that the host looks for.
#pragma once

#include <embedloom/sdk/stage.h>

namespace embedloom::sdk::detail {

constexpr std::string_view kind_name(el_kind kind) {
    constexpr std::array<std::string_view, 9> names{"?",         "source",   "prepare", "tokenizer", "segment",
                                                    "objective", "position", "table",   "sink"};
    return kind < names.size() ? names[kind] : names[0];
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What the host takes for a name: what `use:` says.
constexpr bool is_name(std::string_view text) {
    if (text.empty() || text.size() > 64 || is_digit(text[0])) return false;
    for (const char c : text)
        if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '_') return false;
    return true;
}

/// What the host takes for a version: three numbers of at most nine digits.
constexpr bool is_version(std::string_view text) {
    int numbers = 0, digits = 0;
    for (const char c : text) {
        if (c == '.' ? digits == 0 : !is_digit(c) || digits == 9) return false;
        numbers += is_digit(c) && digits == 0;
        digits = c == '.' ? 0 : digits + 1;
    }
    return numbers == 3 && digits > 0;
}

/// Bytes of "kind/name version\n".
template <class T>
constexpr std::size_t line_size() {
    return kind_name(T::KindBase::kind).size() + T::declaration.name.size() + T::declaration.version.size() + 3;
}

/// An ELF note: its head (name size, description size, type, name padded to four), then el_note and the lines.
template <class... Stages>
struct Note {
    static_assert((is_name(Stages::declaration.name) && ...), "a stage's name is 1 to 64 of a to z, 0 to 9 and _, no digit first");
    static_assert((is_version(Stages::declaration.version) && ...), "a stage's version is major.minor.patch, as 1.0.0");
    static constexpr std::size_t text_size = (line_size<Stages>() + ...);
    std::uint32_t name_size = sizeof(EL_NOTE_NAME);
    std::uint32_t description_size = static_cast<std::uint32_t>(sizeof(el_note) + text_size);
    std::uint32_t type = EL_NOTE_TYPE;
    char name[(sizeof(EL_NOTE_NAME) + 3) / 4 * 4] = EL_NOTE_NAME;
    el_note head{EL_ABI_MAJOR, EL_ABI_MINOR, static_cast<std::uint32_t>(text_size)};
    char text[(text_size + 3) / 4 * 4] = {};

    constexpr Note() {
        std::size_t at = 0;
        const auto put = [&](std::string_view part) {
            for (const char c : part) text[at++] = c;
        };
        ((put(kind_name(Stages::KindBase::kind)), put("/"), put(Stages::declaration.name), put(" "),
          put(Stages::declaration.version), put("\n")),
         ...);
    }
};

template <class... Stages>
inline constexpr std::array<const el_stage*, sizeof...(Stages)> stage_list{&abi_stage<Stages>...};

#if defined(__clang__)
inline constexpr std::string_view compiler = "clang " __clang_version__;
#else
inline constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

}  // namespace embedloom::sdk::detail

#define EMBEDLOOM_PLUGIN(...)                                                                                     \
    __attribute__((section(".note.embedloom"), used, aligned(4))) static constexpr embedloom::sdk::detail::Note<   \
        __VA_ARGS__>                                                                                              \
        embedloom_note{};                                                                                         \
    extern "C" __attribute__((visibility("default"))) const el_plugin embedloom_plugin;                           \
    extern "C" const el_plugin embedloom_plugin{                                                                  \
        {'E', 'M', 'B', 'D', 'L', 'O', 'O', 'M'},                                                                 \
        sizeof(el_plugin),                                                                                        \
        EL_ABI_MAJOR,                                                                                             \
        EL_ABI_MINOR,                                                                                             \
        {embedloom::sdk::detail::compiler.data(), embedloom::sdk::detail::compiler.size()},                       \
        embedloom::sdk::detail::stage_list<__VA_ARGS__>.data(),                                                   \
        static_cast<std::uint32_t>(embedloom::sdk::detail::stage_list<__VA_ARGS__>.size()),                       \
        0};
