// Widths by the C library's table in the C.UTF-8 locale, which needs no setting of the process's own locale.
#include <embedloom/cli/text_width.h>
#include <wchar.h>

#include <algorithm>
#include <clocale>
#include <vector>

namespace embedloom::cli {

namespace {

struct Character {
    std::string_view bytes;
    std::size_t columns;
    bool printable;
};

/// The locale of the calling thread is C.UTF-8 while this lives.
class Utf8Locale {
  public:
    Utf8Locale() : before_(::uselocale(locale())) {}
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale() { ::uselocale(before_); }

  private:
    static locale_t locale() {
        static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return made;
    }
    locale_t before_;
};

std::vector<Character> characters_of(std::string_view text) {
    const Utf8Locale utf8;
    std::vector<Character> out;
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t wide = 0;
        const std::size_t used = std::mbrtowc(&wide, text.data(), text.size(), &state);
        const bool malformed = used > text.size() || used == 0;
        const std::size_t bytes = malformed ? 1 : used;
        const int columns = malformed ? -1 : ::wcwidth(wide);
        out.push_back({text.substr(0, bytes), columns < 0 ? 1 : static_cast<std::size_t>(columns), columns >= 0});
        if (malformed) state = {};
        text.remove_prefix(bytes);
    }
    return out;
}

}  // namespace

std::size_t text_width(std::string_view text) {
    std::size_t columns = 0;
    for (const Character& character : characters_of(text)) columns += character.columns;
    return columns;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const Character& character : characters_of(text)) out += character.printable ? character.bytes : "\u00B7";
    return out;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (text_width(text) <= columns) return std::string(text);
    std::string out;
    std::size_t used = 1;
    for (const Character& character : characters_of(text)) {
        if (used + character.columns > columns) break;
        out += character.bytes;
        used += character.columns;
    }
    return out + "\u2026";
}

std::string padded(std::string_view text, std::size_t columns, Align align) {
    const std::string spaces(columns - std::min(columns, text_width(text)), ' ');
    return align == Align::left ? std::string(text) + spaces : spaces + std::string(text);
}

}  // namespace embedloom::cli
