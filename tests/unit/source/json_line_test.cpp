// The readers of JSON lines: both give the same, and accept nothing that simdjson calls wrong.
#include "json_agreement.h"
#include "support/catch.hpp"

#include <random>

using embedloom::source_tests::disagreement;

namespace {

using Random = std::mt19937_64;

std::string random_string(Random& random) {
    static const std::vector<std::string> pieces{"a", "text", "\\n", "\\\"", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "\\udc00",
                                                 "\\u0000", "\xC3\xA9", "\xF0\x9F\x98\x80", " ", "0123456789abcdef0123456789abcdef"};
    std::string out = "\"";
    for (std::uint64_t i = random() % 5; i > 0; --i) out += pieces[random() % pieces.size()];
    return out + "\"";
}

std::string random_value(Random& random, int depth) {
    static const std::vector<std::string> scalars{"0", "-0", "17", "-9223372036854775808", "9223372036854775807", "18446744073709551615",
                                                  "1.5", "-2e3", "1E+2", "1e-999", "true", "false", "null"};
    switch (random() % (depth > 3 ? 2 : 4)) {
        case 0: return scalars[random() % scalars.size()];
        case 1: return random_string(random);
        case 2: {
            std::string out = "[";
            for (std::uint64_t i = random() % 3; i > 0; --i) out += random_value(random, depth + 1) + (i > 1 ? " , " : "");
            return out + "]";
        }
        default: {
            std::string out = "{";
            for (std::uint64_t i = random() % 3; i > 0; --i)
                out += random_string(random) + ":" + random_value(random, depth + 1) + (i > 1 ? "," : "");
            return out + " }";
        }
    }
}

std::string random_line(Random& random) {
    std::string out = "{\"text\":" + random_string(random) + ",";
    if (random() % 3) out += random_string(random) + ":" + random_value(random, 1) + ",";
    return out + "\"label\": " + (random() % 4 ? std::to_string(static_cast<std::int64_t>(random())) : random_value(random, 1)) + "}";
}

/// Takes a byte out, puts one in or changes one.
void spoil(std::string& line, Random& random) {
    static const std::string bytes = "{}[]\",:\\/u0-+.eE \x01\xFFnt";
    const std::size_t at = random() % line.size();
    switch (random() % 4) {
        case 0: line.erase(at, 1); break;
        case 1: line.insert(at, 1, bytes[random() % bytes.size()]); break;
        case 2: line[at] = bytes[random() % bytes.size()]; break;
        default: line.resize(at + 1);
    }
}

}  // namespace

TEST_CASE("jsonl: both readers agree on lines that are right", "[source]") {
    Random random(11);
    for (int round = 0; round < 5000; ++round) {
        const std::string line = random_line(random);
        CAPTURE(line);
        REQUIRE(disagreement(line).empty());
    }
}

TEST_CASE("jsonl: both readers agree on lines that are spoilt", "[source]") {
    Random random(12);
    for (int round = 0; round < 20000; ++round) {
        std::string line = random_line(random);
        for (std::uint64_t i = random() % 3; i > 0; --i) spoil(line, random);
        CAPTURE(line);
        REQUIRE(disagreement(line).empty());
    }
}

TEST_CASE("jsonl: a line too long for simdjson's tree reads the same", "[source]") {
    const std::string filler(300 << 10, 'x');
    REQUIRE(disagreement("{\"text\":\"\\u00e9\",\"x\":\"" + filler + "\",\"label\":1}").empty());
    auto fields = embedloom::source_tests::wanted_fields();
    embedloom::source::read_json_line("{\"text\":\"\\u00e9" + filler + "\",\"label\":7}", fields, embedloom::source::Surrogates::refuse);
    CHECK(fields[1].integer == 7);
    CHECK(fields[0].text.raw.size() == filler.size() + 6);
}
