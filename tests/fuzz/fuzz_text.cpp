// Throws arbitrary bytes at the text source: any split of the file gives the records of the whole, which are those of the twin.
// link: plugin_source_common
#define embedloom_plugin text_plugin
#include "source/text.cpp"
#undef embedloom_plugin

#include <cstdlib>

#include "reference/slow_records.h"
#include "source/common/unpack.h"
#include "unit/source/reading.h"

namespace {

using namespace embedloom::source_tests;

void require(bool claim) {
    if (!claim) std::abort();
}

/// Same texts as the twin's, for content that the source takes as it is.
void check_twin(const Read& whole, const std::string& content, bool paragraphs) {
    const auto expected = paragraphs ? embedloom::reference::slow_records_of_paragraphs(content)
                                     : embedloom::reference::slow_records_of_lines(content);
    require(whole.records.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const Record& record = whole.records[i];
        require(record.id == expected[i].id && record.bytes == expected[i].bytes);
        require(record.code == EL_OK && record.texts[0] == embedloom::reference::slow_replaced(expected[i].text));
    }
}

}  // namespace

/// The first byte chooses what a record is and where the ranges end; the rest is the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string content(reinterpret_cast<const char*>(data + 1), size - 1);
    const char* const units[] = {"lines", "paragraphs", "files"};
    const unsigned unit = data[0] % 3, stride = 1 + data[0] / 3;
    TextBench bench;
    bench.set("records", units[unit]).set("invalid_utf8", "replace");
    const OpenSource& source = bench.file("a", content).open();
    if (source.status != EL_OK) return 0;
    const Read whole = source.read_all();
    require(whole.status == EL_OK);
    require(source.scan_all().starts == whole.ids());
    const embedloom::support::PluginBench::Scratch scratch(bench.bench);
    std::vector<Record> pieces;
    for (std::uint64_t at = 0; at < source.extent.bytes; at += stride)
        for (const Record& record : source.read(at, at + stride, scratch.object).records) pieces.push_back(record);
    require(pieces == whole.records);
    require(source.read_ids(whole.ids()).records == whole.records);
    const bool plain = embedloom::source::packing_of("a", content) == embedloom::source::Packing::none;
    if (plain && unit < 2 && !content.starts_with("\xEF\xBB\xBF")) check_twin(whole, content, unit == 1);
    return 0;
}
