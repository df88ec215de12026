// Throws arbitrary lines at the readers of JSON lines: they agree with each other and accept nothing that simdjson refuses.
// link: plugin_source_common simdjson
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "source/jsonl/cursor.cpp"
#include "source/jsonl/json_line.cpp"
#include "source/jsonl/number.cpp"
#include "source/jsonl/tidy_lines.cpp"
#include "unit/source/json_agreement.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string wrong = embedloom::source_tests::disagreement(rest.substr(0, end));
        if (!wrong.empty()) {
            std::fprintf(stderr, "%s\n", wrong.c_str());
            std::abort();
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return 0;
}
