// Source "text": what a record is, byte for byte.
#include "reading.h"
#include "support/catch.hpp"

using namespace embedloom::source_tests;
using Texts = std::vector<std::string>;
using Ids = std::vector<std::uint64_t>;

TEST_CASE("text: a line is a record, its id the byte where it starts", "[source]") {
    TextBench bench;
    const Read read = bench.file("a", "one\ntwo\r\nthree").open().read_all();
    REQUIRE(read.status == EL_OK);
    CHECK(read.texts() == Texts{"one", "two", "three"});
    CHECK(read.ids() == Ids{0, 4, 9});
    CHECK(read.records[1].bytes == 5);
    CHECK(read.records[2].bytes == 5);
}

TEST_CASE("text: blank lines are no records, and counted", "[source]") {
    TextBench bench;
    OpenSource& source = bench.file("a", "\n\r\none\n\n \n\r\n").open();
    CHECK(source.read_all().texts() == Texts{"one", " "});
    CHECK(source.scan_all() == Scan{{3, 8}, 4});
}

TEST_CASE("text: files lie end to end, and no record crosses a file's end", "[source]") {
    TextBench bench;
    OpenSource& source = bench.file("a", "one").file("b", "").file("c", "two\nthree\n").open();
    CHECK(source.extent.bytes == 13);
    REQUIRE(source.extent.file_count == 3);
    CHECK(source.extent.files[2].begin == 3);
    CHECK(source.read_all().texts() == Texts{"one", "two", "three"});
    CHECK(source.scan_all().starts == Ids{0, 3, 7});
}

TEST_CASE("text: a file may be named many times", "[source]") {
    TextBench bench;
    bench.file("a", "one\ntwo");
    bench.paths = {bench.paths[0], bench.paths[0], bench.paths[0]};
    OpenSource& source = bench.open();
    CHECK(source.read_all().texts() == Texts{"one", "two", "one", "two", "one", "two"});
    CHECK(source.read_ids({14, 0, 11}).texts() == Texts{"one", "one", "two"});
}

TEST_CASE("text: only \\n and \\r\\n end a line", "[source]") {
    TextBench bench;
    const Texts expected{"a\rb", "c\xC2\x85" "d\xE2\x80\xA8" "e", "f\r"};
    CHECK(bench.file("a", "a\rb\nc\xC2\x85" "d\xE2\x80\xA8" "e\r\nf\r").open().read_all().texts() == expected);
}

TEST_CASE("text: a byte order mark is removed at a file's start alone", "[source]") {
    TextBench bench;
    OpenSource& source = bench.file("a", "\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n").file("b", "\xEF\xBB\xBF").file("c", "\xEF\xBB\xBFx").open();
    CHECK(source.read_all().texts() == Texts{"one", "\xEF\xBB\xBFtwo", "x"});
    CHECK(source.scan_all().starts == Ids{3, 7, 20});
}

TEST_CASE("text: NUL and noncharacters are text", "[source]") {
    TextBench bench;
    const std::string content("a\0b\n\xEF\xBF\xBE\xEF\xB7\x90\n", 11);
    CHECK(bench.file("a", content).open().read_all().texts() == Texts{std::string("a\0b", 3), "\xEF\xBF\xBE\xEF\xB7\x90"});
}

TEST_CASE("text: paragraphs are parted by blank lines, and their line ends become \\n", "[source]") {
    TextBench bench;
    bench.set("records", "paragraphs");
    OpenSource& source = bench.file("a", "\n\na\r\nb\n\r\n\n\nc\n \nd").open();
    const Read read = source.read_all();
    CHECK(read.texts() == Texts{"a\nb", "c\n \nd"});
    CHECK(read.ids() == Ids{2, 11});
    CHECK(read.records[0].bytes == 5);
    CHECK(source.scan_all() == Scan{{2, 11}, 0});
}

TEST_CASE("text: a whole file is a record", "[source]") {
    TextBench bench;
    bench.set("records", "files");
    OpenSource& source = bench.file("a", "a\r\n\nb\n").file("b", "").file("c", "\xEF\xBB\xBFx").open();
    const Read read = source.read_all();
    CHECK(read.texts() == Texts{"a\n\nb\n", "x"});
    CHECK(read.ids() == Ids{0, 9});
    CHECK(source.scan_all().starts == Ids{0, 9});
}

TEST_CASE("text: an empty file and one of newlines alone have no record", "[source]") {
    for (const char* records : {"lines", "paragraphs", "files"}) {
        TextBench bench;
        bench.set("records", records);
        CHECK(bench.file("a", "").open().read_all().records.empty());
    }
    TextBench bench;
    OpenSource& source = bench.file("a", "\n\n\n").open();
    CHECK(source.read_all().records.empty());
    CHECK(source.scan_all() == Scan{{}, 3});
}

TEST_CASE("text: reading from a byte where no record starts is refused", "[source]") {
    TextBench bench;
    OpenSource& source = bench.file("a", "one\n\ntwo\n").open();
    CHECK(source.read_ids({5, 0}).texts() == Texts{"two", "one"});
    for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{4}, std::uint64_t{9}, UINT64_MAX})
        CHECK(source.read_ids({0, id}).status == EL_INTERNAL);
}
