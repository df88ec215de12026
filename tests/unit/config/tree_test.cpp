// What of YAML a config may hold, what is refused, and where the message points. Y01... are rows of the
// bad-input list.
#include <embedloom/config/read_file.h>
#include <embedloom/config/tree.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
using config::Kind;

namespace {

/// All mistakes of a text, a line each.
std::string mistakes(const std::string& text) {
    std::string out;
    for (const base::Error& error : config::parse(text, "f").errors) out += base::one_line(error) + "\n";
    return out;
}

std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

/// Processor time, so that a busy machine does not fail the test; the bounds leave room for sanitizers.
double seconds(const std::string& text) {
    const std::clock_t begin = std::clock();
    config::parse(text, "f");
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

config::Node root_of(const std::string& text) {
    const config::Tree tree = config::parse(text, "f");
    REQUIRE(tree.errors.empty());
    return tree.root;
}

}  // namespace

TEST_CASE("tree: every value knows its line and column, counted in characters") {
    const config::Node root = root_of("é: \"ü\" \n日本: {a: b, c: [1, x]}\n");
    const config::Node& list = *root.find("日本")->find("c");
    CHECK(root.entries[1].mark.line == 2);
    CHECK(root.entries[1].mark.column == 1);
    CHECK(list.items[1].text == "x");
    CHECK(list.items[1].mark.line == 2);
    CHECK(list.items[1].mark.column == 19);
    CHECK(*list.items[1].mark.source == "f");
    CHECK_FALSE(root.find("é")->is_plain);
    CHECK(list.items[1].is_plain);
}

TEST_CASE("tree: null and ~ are told from an empty value") {
    const config::Node root =
        root_of("a: ~\nb: null\nc:\nd: {e: , f: ~}\ng:\n  null\nh: 'null'\nlist:\n- ~\n-\n");
    CHECK(root.find("a")->kind == Kind::null);
    CHECK(root.find("b")->kind == Kind::null);
    CHECK(root.find("c")->kind == Kind::empty);
    CHECK(root.find("c")->mark.line == 3);
    CHECK(root.find("d")->find("e")->kind == Kind::empty);
    CHECK(root.find("d")->find("f")->kind == Kind::null);
    CHECK(root.find("g")->kind == Kind::null);
    CHECK(root.find("h")->kind == Kind::scalar);
    CHECK(root.find("list")->items[0].kind == Kind::null);
    CHECK(root.find("list")->items[1].kind == Kind::empty);
}

TEST_CASE("tree: an alias repeats its value, at most 100 times") {
    const config::Node root = root_of("a: &x [1, 2]\nb: *x\n");
    CHECK(root.find("b")->items[1].text == "2");
    CHECK(root.find("b")->mark.line == 1);
    CHECK(mistakes("a: &x 1\nb: [" + repeat("*x, ", 100) + "]\n").empty());
    CHECK_THAT(mistakes("a: &x 1\nb: [" + repeat("*x, ", 101) + "]\n"),
               Catch::Contains("f:2:405: b.100: found more than 100 aliases"));
}

TEST_CASE("tree Y01: an alias bomb is refused by the number of values") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 9; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before +
                repeat(", " + before, 8) + "]\n";
    }
    CHECK_THAT(mistakes(bomb), Catch::StartsWith("f:5:") && Catch::Contains("found more than 100000 values"));
    CHECK(seconds(bomb) < 1.0);
}

TEST_CASE("tree Y02, Y24: an alias to itself or to nothing is refused") {
    CHECK(mistakes("a: &a [*a]\n") ==
          "f:1:8: a.0: found an alias to the value that it is part of, expected an alias to a finished "
          "value\n");
    CHECK(mistakes("a: *b\n") ==
          "f:1:4: a: found an alias to an anchor that is not there, expected *NAME after an &NAME; check the "
          "name\n");
}

TEST_CASE("tree Y03-Y05: nesting deeper than 64 is refused at its place, at once") {
    CHECK_THAT(mistakes(repeat("[", 10000)),
               Catch::StartsWith("f:1:33: found") && Catch::Contains("nested deeper than 64"));
    CHECK_THAT(mistakes(repeat("[", 1000000)), Catch::StartsWith("f:1:33: found"));
    CHECK_THAT(mistakes(repeat("- ", 100000)), Catch::Contains("f:1:129: "));
    CHECK_THAT(mistakes(repeat("? ", 100000)), Catch::Contains("f:1:129: "));
    std::string steps;
    for (int i = 0; i < 1000; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    CHECK_THAT(mistakes(steps), Catch::Contains("f:65:65: "));
    CHECK(mistakes(repeat("[", 64) + repeat("]", 64)).empty());
    for (const std::string& text : {repeat("[", 1000000), repeat("- ", 100000), repeat("? ", 100000)})
        CHECK(seconds(text) < 4.0);
    const std::string folded =
        "a: &a " + repeat("[", 40) + repeat("]", 40) + "\nb: " + repeat("[", 40) + "*a" + repeat("]", 40);
    CHECK_THAT(mistakes(folded), Catch::Contains("f:2:44: ") && Catch::Contains("deeper than 64"));
}

TEST_CASE("tree Y06: a key given twice is refused with both lines, however it is quoted") {
    const std::string tail =
        " a second time, first on line 1, expected each key once; remove one of the two\n";
    CHECK(mistakes("a: 1\na: 2\n") == "f:2:1: a: found 'a'" + tail);
    CHECK(mistakes("a: 1\n\"a\": 2\n'a': 3\n") ==
          "f:2:1: a: found 'a'" + tail + "f:3:1: a: found 'a'" + tail);
    CHECK(mistakes("x: {a: 1, b: 2, a: 3}\n") == "f:1:17: x.a: found 'a'" + tail);
    CHECK(config::parse("a: 1\na: 2\n", "f").is_whole);
    CHECK(config::parse("a: 1\na: 2\n", "f").root.find("a")->text == "1");
}

TEST_CASE("tree Y07: more than 4096 keys in a map are refused, fast") {
    std::string keys, flow = "{";
    for (int i = 0; i < 100000; ++i) keys += "k" + std::to_string(i) + ": 1\n";
    for (int i = 0; i < 80000; ++i) flow += "k" + std::to_string(i) + ": 1, ";
    CHECK_THAT(mistakes(keys.substr(0, 1 << 20)),
               Catch::StartsWith("f:4097:1: ") && Catch::Contains("more than 4096 keys"));
    CHECK_THAT(mistakes(flow + "}"), Catch::Contains("more than 4096 keys"));
    CHECK(seconds(keys.substr(0, 1 << 20)) < 4.0);
    CHECK(seconds(flow + "}") < 4.0);
}

TEST_CASE("tree Y08: a merge key is refused, never ignored") {
    CHECK(mistakes("a: &a {x: 1}\nb: {<<: *a, y: 2}\n") ==
          "f:2:5: b.<<: found a merge key, expected a word; merging is not supported; write the keys out\n");
}

TEST_CASE("tree Y16: a key that is no word is refused") {
    CHECK(mistakes("? [1, 2]\n: 3\n~: 4\n? {a: b}\n: 5\n\"\": 6\n") ==
          "f:1:3: found a list as a key, expected a word\n"
          "f:3:1: found null as a key, expected a word\n"
          "f:4:3: found a map as a key, expected a word\n"
          "f:6:1: found an empty key, expected a word\n");
}

TEST_CASE("tree Y17: a tab in the indentation is refused with its line; elsewhere it is a space") {
    const std::string tail = ": found a tab in the indentation, expected spaces; replace tabs by spaces\n";
    CHECK(mistakes("a:\n\tb: 1\n") == "f:2:1" + tail);
    CHECK(mistakes("a:\n  b: 1\n  \tc: 1\n") == "f:3:3" + tail);
    CHECK(mistakes("a:\n  - x\n\t- y\n") == "f:3:1" + tail);
    CHECK(mistakes("a:\t1\t# c\nb: |\n  x\n  \ty\n").empty());
}

TEST_CASE("tree Y18: CR LF, CR alone and a byte order mark change nothing") {
    for (const std::string text : {"a: 1\r\nb: 2\r\n", "a: 1\rb: 2\r",
                                   "\xEF\xBB\xBF"
                                   "a: 1\nb: 2",
                                   "\xEF\xBB\xBF"
                                   "a: 1\r\nb: 2\r\n"}) {
        const config::Node root = root_of(text);
        CHECK(root.find("a")->mark.column == 4);
        CHECK(root.find("b")->text == "2");
        CHECK(root.find("b")->mark.line == 2);
    }
}

TEST_CASE("tree Y19, Y20: what is not UTF-8 text is refused with line, column and byte") {
    using namespace std::string_literals;
    const std::string utf16 = "f:1:1: found UTF-16 or binary data, expected UTF-8; save the file as UTF-8\n";
    CHECK(mistakes("\xFF\xFE"
                   "a\0:\0 \0001\0"s) == utf16);
    CHECK(mistakes("\0a\0:"s) == utf16);
    CHECK(mistakes("a: 1\nb: \xFF\n") ==
          "f:2:4: byte 8: found byte FF, expected UTF-8; save the file as UTF-8\n");
    CHECK_THAT(mistakes("é: \xC0\xAF"), Catch::StartsWith("f:1:4: byte 4: found byte C0"));
    CHECK_THAT(mistakes("a: \xED\xA0\x80"), Catch::Contains("found byte ED"));
    CHECK_THAT(mistakes("a: \xF4\x90\x80\x80"), Catch::Contains("found byte F4"));
    CHECK_THAT(mistakes("\xEF\xBB\xBF"
                        "a: \xE2\x82"),
               Catch::StartsWith("f:1:4: byte 6: found byte E2"));
    CHECK_THAT(mistakes("a: x\0y"s), Catch::Contains("byte 4: found control character 00, expected text"));
    CHECK_THAT(mistakes("a: 1\n\x04"
                        "b: 2"),
               Catch::Contains("f:2:1: byte 5: found control character 04"));
}

TEST_CASE("tree Y21: a quote that is never closed is refused where it opens") {
    CHECK(mistakes("a: \"abc\n") == "f:1:4: a: found a quote that is never closed, expected a closing \"\n");
    CHECK(mistakes("a:\n  - 'it''s\nb: 1\n") ==
          "f:2:5: a.0: found a quote that is never closed, expected a closing '\n");
    CHECK_THAT(mistakes("a: \"abc"), Catch::Contains("closing"));
    CHECK_THAT(mistakes("a: \"abc\\\""), Catch::Contains("closing"));
    CHECK(mistakes("a: &x 'it''s'\nb: \"a\\\"\nc\"\n").empty());
}

TEST_CASE("tree Y22: a second document, or text after the end, is refused") {
    const std::string tail =
        ": found text after the end of the document, expected one document; remove '---' and '...', and give "
        "all "
        "top-level keys the same indentation\n";
    CHECK(mistakes("a: 1\n---\nb: 2\n") == "f:2:1" + tail);
    CHECK(mistakes("a: 1\n...\nb: 2\n") == "f:3:1" + tail);
    CHECK(mistakes("a: 1\n... x\n") == "f:2:5" + tail);
    CHECK(mistakes("  a: 1\nb: 2\n") == "f:2:1" + tail);
    CHECK_FALSE(mistakes("a: 1\n...\n...\n@\n").empty());
    CHECK(mistakes("---\na: 1\n...\n# the end\n").empty());
}

TEST_CASE("tree Y23: tags are refused, known or not") {
    const std::string tail =
        ": found a tag (!...), expected a value without one; put text in quotes instead\n";
    CHECK(mistakes("a: !!python/object x\nb: !include y\nc: ! z\nd: !!map {}\ne: &q !s [1]\nf: ! \"z\"\n") ==
          "f:1:4: a" + tail + "f:2:4: b" + tail + "f:3:4: c" + tail + "f:4:4: d" + tail + "f:5:4: e" + tail +
              "f:6:4: f" + tail);
    CHECK(mistakes("a: \"!x\"\nb: &c '!y'\n").empty());
}

TEST_CASE("tree Y25: directives other than %YAML 1.x are refused") {
    CHECK_THAT(mistakes("%YAML 2.0\n---\na: 1\n"),
               Catch::StartsWith("f:1:1: found the directive '%YAML 2.0', expected none, or %YAML 1.2"));
    CHECK_THAT(mistakes("# c\n%FOO x\n---\na: 1\n"),
               Catch::StartsWith("f:2:1: found the directive '%FOO x'"));
    CHECK(mistakes("%YAML 1.2\n---\na: 1\n").empty());
}

TEST_CASE("tree Y26: a file without content gives an empty root, and other roots are kept for the check") {
    for (const std::string text : {"", "\n\n", "# only a comment\n", "---\n"}) {
        CHECK(root_of(text).kind != Kind::map);
        CHECK(root_of(text).mark.line >= 1);
    }
    CHECK(root_of("abc\n").kind == Kind::scalar);
    CHECK(root_of("- a\n").kind == Kind::list);
}

TEST_CASE("tree Y27: more than 1 MiB is refused by size") {
    CHECK(mistakes("a: \"" + std::string(16 << 20, 'x') + "\"") ==
          "f:1:1: found more than 1048576 bytes, expected a config\n");
    CHECK(mistakes("a: \"" + std::string((1 << 20) - 5, 'x') + "\"").empty());
}

TEST_CASE("tree Y29: folders, pipes, devices, loops and missing files are refused without waiting") {
    namespace fs = std::filesystem;
    const support::TemporaryFolder folder;
    REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
    fs::create_symlink(folder / "loop", folder / "loop");
    folder.write("large", std::string((1 << 20) + 1, ' '));
    folder.write("good", "a: 1\n");
    const auto code = [](const fs::path& file) { return config::read(file).errors.at(0).code; };
    CHECK(code(folder.path()) == base::Code::config);
    CHECK(code(folder / "pipe") == base::Code::config);
    CHECK(code("/dev/zero") == base::Code::config);
    CHECK(code(folder / "large") == base::Code::config);
    CHECK(code(folder / "loop") == base::Code::no_input);
    CHECK(code(folder / "none") == base::Code::no_input);
    CHECK(config::read(folder / "good").root.find("a")->text == "1");
    CHECK(base::one_line(config::read(folder / "pipe").errors[0]) ==
          (folder / "pipe").string() + ": found a pipe, expected a config file");
}

TEST_CASE("tree: syntax mistakes are told in plain words") {
    CHECK_THAT(mistakes("a: b: c\n"), Catch::StartsWith("f:1:5: found a ':' that fits no key"));
    CHECK_THAT(mistakes("a: {v: ${M}/x}\n"),
               Catch::StartsWith("f:1:9: a: found what does not belong in { }") &&
                   Catch::Contains("\"${NAME}/file\""));
    CHECK_THAT(mistakes("a: [1]]\n"), Catch::StartsWith("f:1:7: ") && Catch::Contains("does not close"));
    CHECK_THAT(mistakes("a:\n    b: 1\n  c: 2\n"),
               Catch::StartsWith("f:3:3: ") && Catch::Contains("indentation"));
    CHECK_THAT(mistakes("a: \"\\ud800\"\n"),
               Catch::Contains("found what YAML does not allow") && Catch::Contains("unicode"));
    CHECK_THAT(mistakes("a: @x\n"),
               Catch::StartsWith("f:1:4: a: found a character that no plain text can start with"));
}
