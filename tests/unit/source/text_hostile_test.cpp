// Source "text" against bytes that are no text, records that are too long, and files that change under it.
#include "reading.h"
#include "support/catch.hpp"

#include <sys/resource.h>

#include <cstdio>

using namespace embedloom::source_tests;
using Texts = std::vector<std::string>;
using namespace std::string_literals;

namespace {

struct Invalid {
    std::string bytes;
    std::uint64_t at;
    std::string found;
    std::string replaced;
};

// As CPython's bytes.decode("utf-8", "replace") and the WHATWG decoder give it.
const std::vector<Invalid> invalids{
    {"a\x80z", 1, "the byte 80", "a\uFFFDz"},                                    // U01: a lone continuation
    {"a\xFF\xFEz", 1, "the byte FF", "a\uFFFD\uFFFDz"},
    {"ab\xE2\x82", 2, "the bytes E2 82", "ab\uFFFD"},                            // cut at the end
    {"\xF0\x9F\x98z", 0, "the bytes F0 9F 98", "\uFFFDz"},
    {"\xC0\xAF", 0, "the byte C0", "\uFFFD\uFFFD"},                              // U02: overlong
    {"\xE0\x80\xAF", 0, "the byte E0", "\uFFFD\uFFFD\uFFFD"},
    {"\xED\xA0\x80", 0, "the byte ED", "\uFFFD\uFFFD\uFFFD"},                    // U03: a surrogate
    {"\xF4\x90\x80\x80", 0, "the byte F4", "\uFFFD\uFFFD\uFFFD\uFFFD"},          // U04: beyond U+10FFFF
    {"\xE2\xE2\x82\xAC", 0, "the byte E2", "\uFFFD\u20AC"},
};

std::uint64_t peak_bytes() {
    struct rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) << 10;
}

}  // namespace

TEST_CASE("text: bytes that are no UTF-8 make the record bad, and the place is told", "[source]") {
    for (const Invalid& invalid : invalids) {
        CAPTURE(invalid.found);
        TextBench bench;
        const Read read = bench.file("a", "good\n" + invalid.bytes + "\ngood").open().read_all();
        CHECK(read.texts() == Texts{"good", "<bad>", "good"});
        REQUIRE(read.problems.size() == 1);
        CHECK(read.problems[0].record == 1);
        CHECK(read.problems[0].byte == 5 + invalid.at);
        CHECK(read.problems[0].source == bench.paths[0]);
        CHECK(read.problems[0].found == invalid.found);
        CHECK(read.records[1].code == EL_BAD_DATA);
    }
}

TEST_CASE("text: on request each maximal subpart that is no UTF-8 becomes U+FFFD", "[source]") {
    for (const Invalid& invalid : invalids)
        for (const std::size_t before : {0u, 1u, 4094u, 4095u, 4096u, 262143u}) {
            CAPTURE(invalid.found, before);
            TextBench bench;
            bench.set("invalid_utf8", "replace");
            const std::string good(before, 'x');
            CHECK(bench.file("a", good + invalid.bytes + "\ngood").open().read_all().texts() == Texts{good + invalid.replaced, "good"});
        }
}

TEST_CASE("text: files that are no UTF-8 text are refused with what to do", "[source]") {  // U13, U14
    const std::vector<std::pair<std::string, std::string>> files{
        {"\xFF\xFEh\0i\0"s, "UTF-16 text"},
        {"\xFE\xFF\0h\0i"s, "UTF-16 text"},
        {"\xFF\xFE\0\0h\0\0\0"s, "UTF-32 text"},
        {"\x7F" "ELF\x02\x01"s, "a program (ELF)"},
        {"\x89PNG\r\n\x1A\n"s, "a picture (PNG)"},
        {"PAR1\x15\x04"s, "a Parquet file"},
        {"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"s, "a Git-LFS pointer"},
        {"text\n" + std::string(100, '\0'), "100 NUL bytes among the first 105"}};
    for (const auto& [content, found] : files) {
        TextBench bench;
        CHECK(bench.file("good", "good").file("a", content).open().status == EL_BAD_DATA);
        REQUIRE(bench.bench.problems.list.size() == 1);
        CHECK(bench.bench.problems.list[0].found == found);
        CHECK(bench.bench.problems.list[0].source == bench.paths[1]);
        CHECK_FALSE(bench.bench.problems.list[0].hint.empty());
    }
}

TEST_CASE("text: a record that is too long is bad, and reading goes on behind it", "[source]") {
    TextBench bench;
    bench.set("max_record_bytes", 5);
    const Read read = bench.file("a", "12345\r\n123456\n1\n" + std::string(700000, 'x') + "\n12345").open().read_all();
    CHECK(read.texts() == Texts{"12345", "<bad>", "1", "<bad>", "12345"});
    REQUIRE(read.problems.size() == 2);
    CHECK(read.problems[1].found == "a record of 700001 bytes");
    CHECK(read.problems[1].expected == "at most 5");
    CHECK(read.problems[1].byte == 16);
}

TEST_CASE("text: memory stays flat over a line of 1 GB", "[source]") {  // U07, J18
    TextBench bench;
    bench.set("max_record_bytes", 1 << 20).file("a", "");
    std::FILE* file = std::fopen(bench.paths[0].c_str(), "wb");
    REQUIRE(::ftruncate(::fileno(file), 1 << 30) == 0);  // a hole: NULs without disk space
    std::fseek(file, 0, SEEK_SET);
    std::fputs(std::string(8192, 'x').c_str(), file);    // the start of a file of text
    std::fseek(file, 0, SEEK_END);
    std::fputs("\nlast", file);
    std::fclose(file);
    const OpenSource& source = bench.open();
    const std::uint64_t before = peak_bytes();
    const Read read = source.read_all();
    CHECK(read.texts() == Texts{"<bad>", "last"});
    CHECK(read.records[0].bytes == (1u << 30) + 1);
    CHECK(peak_bytes() - before < 16 << 20);
}

TEST_CASE("text: a file that changes under a run is told, never read", "[source]") {  // U18
    const auto after = [](auto change) {
        TextBench bench;
        const OpenSource& source = bench.file("a", "one\ntwo\n").open();
        REQUIRE(source.read_all().status == EL_OK);
        change(bench, bench.paths[0]);
        const Read read = source.read_all();
        CHECK(read.status == EL_IO);
        REQUIRE(read.problems.size() == 1);
        CHECK(read.problems[0].source == bench.paths[0]);
        return read.problems[0].found;
    };
    CHECK(after([](auto&, const std::string& path) { std::filesystem::resize_file(path, 3); }) == "the end of a file that was longer");
    CHECK(after([](auto& bench, auto&) { bench.folder.write("a", "one\ntwo\nthree\n"); }) == "a file that went from 8 to 14 bytes");
    CHECK(after([](auto& bench, const std::string& path) {
              std::filesystem::rename(bench.folder.write("b", "one\nTWO\n"), path);
          }) == "a file that was deleted or replaced");
    CHECK(after([](auto&, const std::string& path) { std::filesystem::remove(path); }) == "a file that was deleted or replaced");
    CHECK(after([](auto&, const std::string& path) {
              std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
          }) == "a file that was written to");
}

TEST_CASE("text: what cannot be opened is told by name", "[source]") {
    const auto status_of = [](const std::string& path) {
        TextBench bench;
        bench.paths = {path};
        const el_status status = bench.open().status;
        CHECK(bench.bench.problems.list.at(0).source == path);
        return status;
    };
    TextBench folder;
    CHECK(status_of("/nowhere/at/all") == EL_NO_INPUT);
    CHECK(status_of(folder.folder.path().string()) == EL_NO_INPUT);
    CHECK(status_of("/dev/zero") == EL_NO_INPUT);
}

TEST_CASE("text: more files than stay open are read as well", "[source]") {
    TextBench bench;
    Texts expected;
    for (int i = 0; i < 300; ++i) {
        expected.push_back("file " + std::to_string(i));
        bench.file(std::to_string(i), expected.back() + "\n");
    }
    const OpenSource& source = bench.open();
    const Read read = source.read_all();
    CHECK(read.texts() == expected);
    auto ids = read.ids();
    std::swap(ids[299], ids[0]);
    std::swap(ids[298], ids[1]);
    CHECK(source.read_ids({ids[0], ids[1], ids[298]}).texts() == Texts{"file 299", "file 298", "file 1"});
    std::filesystem::remove(bench.paths[299]);
    CHECK(source.read_ids({ids[0]}).status == EL_NO_INPUT);
}

TEST_CASE("text: a stopped run ends long calls", "[source]") {
    TextBench bench;
    const OpenSource& source = bench.file("a", std::string(1 << 20, 'x')).open();
    bench.bench.host.cancelled = true;
    CHECK(source.read_all().status == EL_CANCELLED);
}

TEST_CASE("text: a host that gives no more room is obeyed", "[source]") {
    TextBench bench;
    const OpenSource& source = bench.file("a", std::string(100000, 'x') + "\n").open();
    embedloom::support::Results out(3, 50000);
    const embedloom::support::PluginBench::Scratch scratch(bench.bench);
    const std::uint64_t range[2] = {0, source.extent.bytes};
    CHECK(bench.bench.functions<el_source_functions>().read_range(bench.bench.instance(), scratch.object, range, out.abi(),
                                                                  bench.bench.problems.abi()) == EL_RESOURCES);
}

TEST_CASE("text: the digest tells contents apart, not names or times", "[source]") {
    const auto digest_of = [](std::string_view name, std::string content) {
        TextBench bench;
        const OpenSource& source = bench.file(name, content).open();
        return std::string(source.extent.files[0].digest.data, source.extent.files[0].digest.size);
    };
    std::string large(1 << 20, 'x');
    CHECK(digest_of("a", large) == digest_of("b", large));
    CHECK(digest_of("a", "one") != digest_of("a", "two"));
    CHECK(digest_of("a", "") != digest_of("a", std::string(1, '\0') + "x"));
    CHECK(digest_of("a", large + "y") != digest_of("a", large));
    const std::string same = digest_of("a", large);
    large.back() = 'y';
    CHECK(digest_of("a", large) != same);
    CHECK(same.size() == 32);
}
