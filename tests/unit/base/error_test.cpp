// How errors read: the line for people and the JSON for machines.
#include <embedloom/base/error.h>

#include "support/catch.hpp"

using namespace embedloom::base;

TEST_CASE("error: the line has place, key, found, expected and hint in this order") {
    const Error error{.code = Code::config, .source = "a.yaml", .line = 4, .column = 12, .key_path = "segment.max_length",
                      .found = "0", .expected = "an integer from 1", .hint = "omit it for 512"};
    CHECK(one_line(error) == "a.yaml:4:12: segment.max_length: found 0, expected an integer from 1; omit it for 512");
}

TEST_CASE("error: nothing that comes from a file acts on a terminal or ends the line") {
    CHECK(one_line({.source = "a\nb\x1B[31m", .found = "\x7F \xFF \xC2\x9B \xD0\xB6"}) ==
          "a\\nb\\x1B[31m: found \\x7F \\xFF \\xC2\\x9B \xD0\xB6");
}

TEST_CASE("error: JSON leaves out what is not known and escapes what must be") {
    const Error error{.code = Code::bad_data, .source = "a\"b\n", .byte = 7, .found = "byte \xFF"};
    CHECK(to_json(error) ==
          "{\"code\":65,\"severity\":\"error\",\"source\":\"a\\\"b\\n\",\"byte\":7,\"found\":\"byte \xEF\xBF\xBD\"}");
}

TEST_CASE("error: a failure says all its errors, a line each") {
    const Failure failure(std::vector<Error>{{.source = "a", .found = "x"}, {.source = "b", .found = "y"}});
    CHECK(std::string(failure.what()) == "a: found x\nb: found y");
}
