// Has a plugin's note and exports nothing.
#include <embedloom/sdk/plugin.h>

namespace {

struct Nothing {
    struct KindBase {
        static constexpr el_kind kind = EL_KIND_TABLE;
    };
    static constexpr embedloom::sdk::Declaration declaration{.name = "no_symbol", .version = "1.0.0", .summary = ""};
};

__attribute__((section(".note.embedloom"), used, aligned(4))) constexpr embedloom::sdk::detail::Note<Nothing> note{};

}  // namespace
