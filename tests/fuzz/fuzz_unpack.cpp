// Throws arbitrary bytes at the unpackers: a file is read, read up to its damage and told, or refused; twice the same.
// link: plugin_source_common
#define embedloom_plugin text_plugin
#include "source/text.cpp"
#undef embedloom_plugin

#include <cstdlib>

#include "unit/source/reading.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace embedloom::source_tests;
    if (size == 0) return 0;
    TextBench bench;
    const std::string content(reinterpret_cast<const char*>(data + 1), size - 1);
    bench.file(data[0] % 2 ? "a.gz" : "a.zst", content).file(data[0] % 2 ? "b.gz" : "b.zst", content);
    const OpenSource& source = bench.open();
    const std::vector<Problem>& told = bench.bench.problems.list;
    if (source.status != EL_OK) {
        if (told.empty() || told.back().found.empty()) std::abort();
        return 0;
    }
    // The second file came from the cache.
    const el_source_file &fresh = source.extent.files[0], &cached = source.extent.files[1];
    if (fresh.bytes != cached.bytes || fresh.flags != cached.flags) std::abort();
    if (told.size() != (fresh.flags & EL_FILE_DAMAGED ? 2u : 0u)) std::abort();
    if (told.size() == 2 && (told[0].found != told[1].found || told[0].byte != told[1].byte)) std::abort();
    const Read read = source.read_all();
    if (read.status != EL_OK || read.records.size() % 2 != 0) std::abort();
    return 0;
}
