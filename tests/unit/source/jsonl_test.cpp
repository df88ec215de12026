// Source "jsonl": which lines are records, and exactly what is said of the others.
#include "reading.h"
#include "support/catch.hpp"

using namespace embedloom::source_tests;
using Texts = std::vector<std::string>;
using namespace std::string_literals;

namespace {

/// What is read from one line, between two good ones: a bad line must cost no other.
struct OneLine {
    std::string text;   ///< of the record when it is good
    Problem problem{};  ///< else
    std::uint64_t column = 0;
    bool good = false;
};

OneLine read_line(std::string_view line, SourceBench& bench) {
    const std::string before = "{\"text\":\"before\",\"pair\":\"\",\"label\":0}\n";
    const Read read = bench.file("a", before + std::string(line) + "\n{\"text\":\"after\",\"pair\":\"\",\"label\":0}").open().read_all();
    REQUIRE(read.status == EL_OK);
    REQUIRE(read.records.size() == 3);
    REQUIRE(read.records.front().texts[0] == "before");
    REQUIRE(read.records.back().texts[0] == "after");
    REQUIRE(read.records[1].bytes == line.size() + 1);
    if (read.records[1].code == EL_OK) return {read.records[1].texts[0], {}, 0, true};
    REQUIRE(read.problems.size() == 1);
    REQUIRE(read.problems[0].code == EL_BAD_DATA);
    REQUIRE(read.problems[0].record == 1);
    REQUIRE(read.problems[0].source == bench.paths[0]);
    REQUIRE(read.records[1].texts[0].empty());
    return {"", read.problems[0], read.problems[0].byte - before.size(), false};
}

OneLine read_line(std::string_view line) {
    JsonlBench bench;
    return read_line(line, bench);
}

struct BadLine {
    std::string line;
    std::uint64_t byte;  // of the line
    std::string found, expected;
};

void check_bad(const std::vector<BadLine>& lines) {
    for (const BadLine& bad : lines) {
        CAPTURE(bad.line);
        const OneLine read = read_line(bad.line);
        CHECK_FALSE(read.good);
        CHECK(read.column == bad.byte);
        CHECK(read.problem.found == bad.found);
        CHECK(read.problem.expected == bad.expected);
    }
}

}  // namespace

TEST_CASE("jsonl: fields are found by name, whatever their order", "[source]") {
    JsonlBench bench;
    bench.set("text", "q").set("pair", "context").set("label", "y");
    const Read read = bench.file("a", "{\"q\":\"one\",\"context\":\"uno\",\"y\":1}\n \t{ \"y\" : -2 , \"x\":[{}], \"context\":\"\",\"q\":\"two\" } \r\n")
                          .open().read_all();
    CHECK(read.records == std::vector<Record>{{0, 34, EL_OK, {"one", "uno"}, {1}, {}}, {34, 52, EL_OK, {"two", ""}, {-2}, {}}});
}

TEST_CASE("jsonl: a missing field is a bad record that names those there are", "[source]") {  // J01
    check_bad({{"{}", 0, "no field \"text\"", "a field of that name"}});
    CHECK(read_line(R"({"Text":1,"b":2})").problem.hint == "the line has: Text, b");
}

TEST_CASE("jsonl: a value of another type is a bad record", "[source]") {  // J02, J03
    check_bad({{R"({"text":5})", 8, "a number in \"text\"", "a text"},
               {R"({"text":null})", 8, "null in \"text\"", "a text"},
               {R"({"text":["a"]})", 8, "a list in \"text\"", "a text"},
               {R"({"text": {"text":"a"}})", 9, "an object in \"text\"", "a text"},
               {R"({"text":true})", 8, "a boolean in \"text\"", "a text"},
               {R"("text")", 0, "`\"`", "`{`"},
               {R"(  )", 2, "the end of the line", "`{`"}});
}

TEST_CASE("jsonl: nothing may follow the object", "[source]") {  // J04, J05
    check_bad({{R"({"text":"a"} x)", 13, "`x`", "the end of the line"},
               {R"({"text":"a"}{"text":"b"})", 12, "`{`", "the end of the line"},
               {R"({"text":"a"},)", 12, "`,`", "the end of the line"}});
}

TEST_CASE("jsonl: a field that is there twice is a bad record", "[source]") {  // J06, J11
    check_bad({{R"({"text":"a","text":"b"})", 12, "a second \"text\"", "each field once"},
               {R"({"text":"a","te\u0078t":"b"})", 12, "a second \"text\"", "each field once"}});
    CHECK(read_line(R"({"x":1,"x":2,"text":"a"})").text == "a");
}

TEST_CASE("jsonl: a last line that was cut is a bad record", "[source]") {  // J07, J08
    const std::string whole = "{\"text\":\"\\u00e9!\"}";
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
        JsonlBench bench;
        const Read read = bench.file("a", "{\"text\":\"a\"}\n" + whole.substr(0, cut)).open().read_all();
        CHECK(read.texts() == Texts{"a", "<bad>"});
        REQUIRE(read.problems.size() == 1);
        CHECK(read.problems[0].byte == 13 + cut);
        CHECK(read.problems[0].found == "the end of the line");
    }
    check_bad({{R"({"text":"\u12"})", 13, "`\"`", "four hexadecimal digits after \\u"}});
}

TEST_CASE("jsonl: lone surrogates are refused or replaced, never passed on", "[source]") {  // J09
    check_bad({{R"({"text":"a\ud800"})", 10, "the lone surrogate \\ud800", "a whole character"},
               {R"({"text":"\udc00\ud800"})", 9, "the lone surrogate \\udc00", "a whole character"},
               {R"({"text":"\ud800A"})", 9, "the lone surrogate \\ud800", "a whole character"},
               {R"({"text":"\ud800\ud83d\ude00"})", 9, "the lone surrogate \\ud800", "a whole character"}});
    CHECK(read_line(R"({"text":"\ud83d\uDE00"})").text == "\xF0\x9F\x98\x80");
    CHECK(read_line(R"({"text":"a","x":"\ud800"})").text == "a");
    JsonlBench bench;
    bench.set("lone_surrogates", "replace");
    CHECK(read_line(R"({"text":"\ud800\ud83d\ude00\udc00x"})", bench).text == "\xEF\xBF\xBD\xF0\x9F\x98\x80\xEF\xBF\xBDx");
}

TEST_CASE("jsonl: raw control characters and loose JSON are bad records", "[source]") {  // J10, J14
    check_bad({{"{\"text\":\"a\tb\"}", 10, "the byte 09", "a string without raw control characters"},
               {"{\"text\":\"a\0b\"}"s, 10, "the byte 00", "a string without raw control characters"},
               {"{text:\"a\"}", 1, "`t`", "a name in double quotes"},
               {"{'text':'a'}", 1, "`'`", "a name in double quotes"},
               {"{\"text\":\"a\",}", 12, "`}`", "a name in double quotes"},
               {"{\"text\":\"a\"/* */}", 11, "`/`", "`,` or `}`"},
               {"{\"text\":\"a\",\"x\":[1,]}", 19, "`]`", "a value"},
               {"{\"text\":\"a\",\"x\":tru}", 19, "`}`", "`true`"},
               {"{\"text\":\"a\",\"x\":01}", 17, "`1`", "no digit after a leading zero"},
               {"{\"text\":\"a\",\"x\":1.}", 18, "`}`", "a digit"},
               {"{\"text\":\"a\",\"x\":+1}", 16, "`+`", "a value"},
               {"{\"text\":\"\\x\"}", 10, "`x`", "one of \" \\ / b f n r t u after a backslash"},
               {"{\"text\"=\"a\"}", 7, "`=`", "`:`"}});
}

TEST_CASE("jsonl: escapes in names and texts mean what they stand for", "[source]") {  // J11
    CHECK(read_line(R"({"te\u0078t":"\"\\\/\b\f\n\r\t\u0000\u00e9\u20AC"})").text == "\"\\/\b\f\n\r\t\0\xC3\xA9\xE2\x82\xAC"s);
}

TEST_CASE("jsonl: NaN and numbers that no double holds are bad records with a hint", "[source]") {  // J12
    const std::string large = "a number too large for a double", finite = "a finite number";
    check_bad({{R"({"text":"a","x":NaN})", 16, "`N`", "a value"},
               {R"({"text":"a","x":-Infinity})", 17, "`I`", "a digit"},
               {R"({"text":"a","x":1e999})", 16, large, finite},
               {R"({"text":"a","x":)" + std::string(400, '9') + "}", 16, large, finite}});
    CHECK(read_line(R"({"text":"a","x":NaN})").problem.hint.find("allow_nan=False") != std::string::npos);
    for (const char* number : {"-0", "9223372036854775808", "18446744073709551616", "1e-999", "0.0000000001e309", "0e99999999999"}) {
        CAPTURE(number);
        CHECK(read_line("{\"text\":\"a\",\"x\":" + std::string(number) + "}").text == "a");
    }
}

TEST_CASE("jsonl: 64 levels are read, more are a bad record, without recursion", "[source]") {  // J13
    const auto nested = [](std::size_t levels) {
        return "{\"x\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + ",\"text\":\"a\"}";
    };
    CHECK(read_line(nested(64)).text == "a");
    check_bad({{nested(65), 5 + 63, "`[`", "at most 64 levels"}, {nested(100000), 5 + 63, "`[`", "at most 64 levels"}});
}

TEST_CASE("jsonl: a byte order mark goes, blank lines are passed over and counted", "[source]") {  // J15, J16
    JsonlBench bench;
    OpenSource& source = bench.file("a", "\xEF\xBB\xBF{\"text\":\"a\"}\n\n\r\n{\"text\":\"b\"}\n\n").open();
    CHECK(source.read_all().texts() == Texts{"a", "b"});
    CHECK(source.scan_all() == Scan{{3, 19}, 3});
}

TEST_CASE("jsonl: a file that is one list is refused with advice", "[source]") {  // J17
    JsonlBench bench;
    CHECK(bench.file("a", "\n [{\"text\":\"a\"},\n{\"text\":\"b\"}]\n").open().status == EL_BAD_DATA);
    REQUIRE(bench.bench.problems.list.size() == 1);
    CHECK(bench.bench.problems.list[0].found == "a list of JSON values");
    CHECK(bench.bench.problems.list[0].byte == 2);
    CHECK(bench.bench.problems.list[0].hint == "convert it: jq -c '.[]' FILE > FILE.jsonl");
}

TEST_CASE("jsonl: what is not used is checked too", "[source]") {  // J19
    check_bad({{"{\"text\":\"a\",\"x\":\"\xFF\"}", 17, "the byte FF", "UTF-8"},
               {"{\"text\":\"a\",\"\xC0\xAF\":1}", 13, "the byte C0", "UTF-8"},
               {"{\"text\":\"\xED\xA0\x80\"}", 9, "the byte ED", "UTF-8"},
               {"{\"text\":\"a\",\"x\":{\"y\":[1,2}}", 25, "`}`", "`,` or `]`"},
               {"{\"text\":\"a\",\"x\":\"\\q\"}", 18, "`q`", "one of \" \\ / b f n r t u after a backslash"}});
}

TEST_CASE("jsonl: 100,000 names in one object are read at once", "[source]") {  // J20
    std::string line = "{";
    for (int i = 0; i < 100000; ++i) line += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
    line += "\"text\":\"a\"}";
    JsonlBench bench;
    OpenSource& source = bench.file("a", line).open();
#ifdef __OPTIMIZE__
    constexpr double most_seconds = 0.1;
#else
    constexpr double most_seconds = 1;
#endif
    const std::clock_t start = std::clock();  // of this process: others on the machine do not count
    CHECK(source.read_all().texts() == Texts{"a"});
    CHECK(static_cast<double>(std::clock() - start) < most_seconds * CLOCKS_PER_SEC);
}

TEST_CASE("jsonl: integers are exact, and no number is taken for one", "[source]") {  // J21
    const auto label_of = [](const std::string& number, const char* type) {
        JsonlBench bench;
        bench.set("label", "label").set("label_type", type);
        return bench.file("a", "{\"text\":\"a\",\"label\":" + number + "}").open().read_all();
    };
    CHECK(label_of("9007199254740993", "integer").records[0].integers[0] == 9007199254740993);
    CHECK(label_of("-9223372036854775808", "integer").records[0].integers[0] == INT64_MIN);
    CHECK(label_of("-0", "integer").records[0].integers[0] == 0);
    CHECK(label_of("9223372036854775808", "integer").problems[0].expected == "one from -2^63 to 2^63 - 1");
    CHECK(label_of("1.0", "integer").problems[0].found == "`1.0` in \"label\"");
    CHECK(label_of("1e2", "integer").problems[0].hint == "label_type: number");
    CHECK(label_of("\"1\"", "integer").problems[0].found == "a text in \"label\"");
    CHECK(label_of("true", "integer").problems[0].found == "a boolean in \"label\"");
    CHECK(label_of("0.1", "number").records[0].numbers[0] == 0.1);
    CHECK(label_of("3", "number").records[0].numbers[0] == 3.0);
    CHECK(label_of("1e-999", "number").records[0].numbers[0] == 0.0);
    CHECK(label_of("3.4028235e38", "number").records[0].numbers[0] == 3.4028235e38);
    for (const char* number : {"1e300", "-3.5e38"}) {
        CHECK(label_of(number, "number").problems[0].found == std::string("`") + number + "` in \"label\"");
        CHECK(label_of(number, "number").problems[0].expected == "a finite float32, from -3.4028235e+38 to 3.4028235e+38");
    }
    CHECK(label_of("1e999", "number").problems[0].found == "a number too large for a double");
    CHECK(label_of("\"1\"", "integer").records[0].integers[0] == 0);
}

TEST_CASE("jsonl: one name cannot be two fields", "[source]") {
    JsonlBench bench;
    bench.set("pair", "text");
    bench.bench.set("files", Texts{});
    CHECK(bench.bench.configure() == EL_BAD_CONFIG);
    CHECK(bench.bench.problems.list[0].parameter == "pair");
}
