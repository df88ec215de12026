// gzip and Zstandard: whole files are read whole, damaged ones up to the damage, hostile ones not at all.
#include "reading.h"
#include "support/catch.hpp"
#include "support/packed.h"

#include <array>

using namespace embedloom::source_tests;
using namespace std::string_literals;
using embedloom::support::gzip;
using embedloom::support::skippable_frame;
using embedloom::support::zstd;
using Texts = std::vector<std::string>;

namespace {

struct Opened {
    el_status status;
    Texts texts;
    bool damaged = false;
    std::vector<Problem> problems;
    std::vector<std::string> warnings;
};

Opened read_packed(std::string_view name, std::string_view content, const char* records = "lines") {
    TextBench bench;
    bench.set("records", records);
    const OpenSource& source = bench.file(name, content).open();
    Opened out{source.status, {}, false, bench.bench.problems.list, bench.bench.host.warnings};
    if (source.status != EL_OK) return out;
    out.texts = source.read_all().texts();
    out.damaged = (source.extent.files[0].flags & EL_FILE_DAMAGED) != 0;
    return out;
}

void check_whole(std::string_view name, std::string_view content, const Texts& expected) {
    const Opened opened = read_packed(name, content);
    CHECK(opened.status == EL_OK);
    CHECK(opened.texts == expected);
    CHECK_FALSE(opened.damaged);
    CHECK(opened.problems.empty());
}

void check_damaged(std::string_view name, std::string_view content, const Texts& expected, std::string_view found) {
    const Opened opened = read_packed(name, content);
    CHECK(opened.status == EL_OK);
    CHECK(opened.texts == expected);
    CHECK(opened.damaged);
    REQUIRE(opened.problems.size() == 1);
    CHECK(opened.problems[0].code == EL_BAD_DATA);
    CHECK(opened.problems[0].found == found);
}

/// Text that packs to several blocks, so that a cut leaves something.
std::string lines_of(std::size_t count, Texts& texts) {
    std::string content;
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < count; ++i) {
        state = state * 6364136223846793005 + 1442695040888963407;
        texts.push_back("line " + std::to_string(state));
        content += texts.back() + "\n";
    }
    return content;
}

}  // namespace

TEST_CASE("packed: members, frames, skippable and empty ones are one text", "[source]") {  // Z02, Z08
    check_whole("a.gz", gzip("one\ntw") + gzip("") + gzip("o\nthree\n", "name.txt"), {"one", "two", "three"});
    check_whole("a.zst", zstd("one\ntw") + skippable_frame("note") + zstd("") + zstd("o\nthree\n", {.checksum = false}),
                {"one", "two", "three"});
    check_whole("b.zst", skippable_frame("first") + zstd("one"), {"one"});
    check_whole("empty.gz", gzip(""), {});
    check_whole("empty.zst", zstd(""), {});
}

TEST_CASE("packed: zeros may follow, anything else is damage", "[source]") {  // Z03
    check_whole("a.gz", gzip("one\n") + std::string(600000, '\0'), {"one"});
    check_whole("a.zst", zstd("one\n") + std::string(3, '\0'), {"one"});
    check_damaged("a.gz", gzip("one\n") + "garbage", {"one"}, "bytes that are no gzip data in member 1");
    check_damaged("a.gz", gzip("one\n") + std::string(9, '\0') + "x", {"one"}, "bytes that are no gzip data in member 1");
    check_damaged("a.zst", zstd("one\n") + "garbage", {"one"}, "bytes that are no Zstandard data in member 1");
    check_damaged("a.gz", gzip("one\n") + "\x1F", {"one"}, "bytes that are no gzip data in member 1");
}

TEST_CASE("packed: a file cut at any byte gives its whole records, and is told", "[source]") {  // Z01
    Texts texts;
    const std::string content = lines_of(40, texts);
    for (const bool gz : {true, false}) {
        const std::string packed = gz ? gzip(content.substr(0, 500)) + gzip(content.substr(500))
                                      : zstd(content.substr(0, 500)) + zstd(content.substr(500));
        const std::size_t first_member = gz ? gzip(content.substr(0, 500)).size() : zstd(content.substr(0, 500)).size();
        std::size_t records_before = 0;
        for (std::size_t cut = 1; cut < packed.size(); ++cut) {
            if (cut == first_member) continue;  // two whole files: nothing tells that there was more
            CAPTURE(gz, cut);
            const Opened opened = read_packed(gz ? "a.gz" : "a.zst", packed.substr(0, cut));
            REQUIRE(opened.status == EL_OK);
            REQUIRE(opened.damaged);
            REQUIRE(opened.problems.size() == 1);
            CHECK(opened.problems[0].byte <= cut);
            CHECK(opened.problems[0].expected == (gz ? "whole gzip data" : "whole Zstandard data"));
            REQUIRE(opened.texts.size() <= texts.size());
            CHECK(std::equal(opened.texts.begin(), opened.texts.end(), texts.begin()));
            CHECK(opened.texts.size() >= records_before);  // the more there is the more is read
            records_before = opened.texts.size();
        }
        CHECK(records_before == texts.size());  // all but the checksum was there
    }
}

TEST_CASE("packed: of what was cut only whole paragraphs are read, and no file", "[source]") {
    const std::string packed = gzip("a\nb\n\nc\nd\n").substr(0, gzip("a\nb\n\nc\nd\n").size() - 8);
    CHECK(read_packed("a.gz", packed, "paragraphs").texts == Texts{"a\nb"});
    CHECK(read_packed("a.gz", packed, "files").texts.empty());
    CHECK(read_packed("a.gz", packed, "lines").texts == Texts{"a", "b", "c", "d"});
}

TEST_CASE("packed: a wrong checksum or length is told with its member", "[source]") {  // Z04, Z10
    std::string gz = gzip("one\n") + gzip("two\n");
    gz[gz.size() - 8] = static_cast<char>(gz[gz.size() - 8] ^ 1);
    check_damaged("a.gz", gz, {"one", "two"}, "incorrect data check in member 2");
    gz = gzip("one\n");
    gz[gz.size() - 1] = 1;
    check_damaged("a.gz", gz, {"one"}, "incorrect length check in member 1");
    std::string zst = zstd("one\n") + zstd("two\n");
    zst.back() = static_cast<char>(zst.back() ^ 1);
    // libzstd hands out nothing of a small frame before it has checked it.
    check_damaged("a.zst", zst, {"one"}, "a wrong checksum in member 2");
}

TEST_CASE("packed: content decides, not the name, and a warning says so", "[source]") {  // Z05
    for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
             {"a.txt", gzip("one")}, {"a.zst", gzip("one")}, {"a.gz", zstd("one")}, {"a.gz", "one"}, {"a", zstd("one")}}) {
        CAPTURE(name);
        const Opened opened = read_packed(name, content);
        CHECK(opened.texts == Texts{"one"});
        CHECK(opened.warnings.size() == 1);
    }
    CHECK(read_packed("a.gz", gzip("one")).warnings.empty());
}

TEST_CASE("packed: an empty packed file, and packed data in packed data, are refused", "[source]") {  // Z06
    for (const auto& [name, content, found] : std::vector<std::array<std::string, 3>>{
             {"a.gz", "", "an empty file"},
             {"a.zst", "", "an empty file"},
             {"a.gz", gzip(gzip("one")), "gzip data inside packed data"},
             {"a.zst", zstd(gzip("one")), "gzip data inside packed data"},
             {"a.gz", gzip(zstd("one")), "Zstandard data inside packed data"}}) {
        const Opened opened = read_packed(name, content);
        CHECK(opened.status == EL_BAD_DATA);
        REQUIRE(opened.problems.size() == 1);
        CHECK(opened.problems[0].found == found);
    }
}

TEST_CASE("packed: a bomb is refused with its numbers, and nothing of it is kept", "[source]") {  // Z09
    const std::string zeros(100 << 20, '\0');
    for (const bool gz : {true, false}) {
        TextBench bench;
        const std::string name = gz ? "a.gz" : "a.zst";
        CHECK(bench.file(name, gz ? gzip(zeros) : zstd(zeros)).open().status == EL_BAD_DATA);
        REQUIRE(bench.bench.problems.list.size() == 1);
        CHECK(bench.bench.problems.list[0].found.find("more than 1000 times as many") != std::string::npos);
        CHECK(std::filesystem::is_empty(bench.bench.host.cache.path()));
    }
    // 60 MiB are let through, however well they pack.
    CHECK(read_packed("a.zst", zstd(std::string(60 << 20, ' '))).status == EL_OK);
}

TEST_CASE("packed: windows above 128 MiB and dictionaries are refused", "[source]") {  // Z10
    // A frame header by hand: no content size, no checksum, window descriptor 2^(10 + 21).
    const Opened window = read_packed("a.zst", "\x28\xB5\x2F\xFD\x00\xA8\x01\x00\x00"s);
    CHECK(window.status == EL_BAD_DATA);
    REQUIRE(window.problems.size() == 1);
    CHECK(window.problems[0].found == "a window of more than 128 MiB");
    // One byte of dictionary number, 7.
    const Opened dictionary = read_packed("a.zst", "\x28\xB5\x2F\xFD\x21\x07\x00\x01\x00\x00"s);
    CHECK(dictionary.status == EL_BAD_DATA);
    REQUIRE(dictionary.problems.size() == 1);
    CHECK(dictionary.problems[0].found == "data packed with a dictionary");
    // 2^27 is what every reader must take.
    check_whole("a.zst", zstd("one\n", {.level = 19, .window_log = 27}), {"one"});
}

TEST_CASE("packed: a content size that lies is damage", "[source]") {
    std::string packed = zstd("one\n", {.checksum = false});
    REQUIRE(packed[5] == 4);  // the content size of a single segment
    packed[5] = 5;
    const Opened opened = read_packed("a.zst", packed);
    CHECK(opened.status == EL_OK);
    CHECK(opened.damaged);
}

TEST_CASE("packed: a second opening takes the copy and tells of damage again", "[source]") {
    Texts texts;
    const std::string content = lines_of(100, texts);
    const std::string whole = zstd(content);
    TextBench first;
    first.file("a.zst", whole).file("b.zst", whole.substr(0, whole.size() - 2)).open();
    CHECK(first.bench.problems.list.size() == 1);
    embedloom::support::PluginBench second(text_plugin, "text");
    for (const auto& entry : std::filesystem::directory_iterator(first.bench.host.cache.path()))
        std::filesystem::copy(entry, second.host.cache / entry.path().filename().string());
    second.set("files", first.paths);
    REQUIRE(second.configure() == EL_OK);
    const OpenSource source(second);
    REQUIRE(source.status == EL_OK);
    CHECK(second.host.notes.empty());  // nothing was unpacked
    REQUIRE(second.problems.list.size() == 1);
    CHECK(second.problems.list[0].found == first.bench.problems.list[0].found);
    CHECK(second.problems.list[0].hint == first.bench.problems.list[0].hint);
    CHECK(second.problems.list[0].byte == first.bench.problems.list[0].byte);
    CHECK(second.problems.list[0].source == first.paths[1]);
    CHECK(source.read(0, content.size()).texts() == texts);
}

TEST_CASE("packed: a copy in the cache that was cut is made anew", "[source]") {
    TextBench first;
    first.file("a.gz", gzip("one\n")).open();
    embedloom::support::PluginBench second(text_plugin, "text");
    for (const auto& entry : std::filesystem::directory_iterator(first.bench.host.cache.path()))
        second.host.cache.write(entry.path().filename().string(), "on");
    second.set("files", first.paths);
    REQUIRE(second.configure() == EL_OK);
    CHECK(OpenSource(second).read_all().texts() == Texts{"one"});
}

TEST_CASE("packed: packed or plain, the extent and its digest are the same", "[source]") {
    TextBench bench;
    const OpenSource& source = bench.file("a", "one\ntwo\n").file("a.gz", gzip("one\ntwo\n")).file("a.zst", zstd("one\ntwo\n")).open();
    REQUIRE(source.extent.file_count == 3);
    CHECK(source.extent.bytes == 24);
    for (std::uint32_t f = 1; f < 3; ++f) {
        const el_text digest = source.extent.files[f].digest, plain = source.extent.files[0].digest;
        CHECK(std::string_view(digest.data, digest.size) == std::string_view(plain.data, plain.size));
        CHECK(source.extent.files[f].begin == 8 * f);
        CHECK(std::string_view(source.extent.files[f].path.data, source.extent.files[f].path.size) == bench.paths[f]);
    }
}

TEST_CASE("packed: a stopped run ends unpacking, and nothing is kept", "[source]") {
    TextBench bench;
    bench.bench.host.cancelled = true;
    CHECK(bench.file("a.gz", gzip("one\n")).open().status == EL_CANCELLED);
    CHECK(std::filesystem::is_empty(bench.bench.host.cache.path()));
}

TEST_CASE("jsonl: packed lines are read too", "[source]") {
    JsonlBench bench;
    CHECK(bench.file("a.jsonl.zst", zstd("{\"text\":\"a\"}\n{\"text\":\"b\"}")).open().read_all().texts() == Texts{"a", "b"});
}
