// The one reading of scalars, and the guess at what was meant.
#include <embedloom/config/scalar.h>

#include "support/catch.hpp"

using namespace embedloom;
using config::Type;

namespace {

/// What a value reads as, in canonical text; or the hint (or else "refused") where it is refused.
std::string reads(const config::Parameter& parameter, const std::string& yaml) {
    const config::Tree tree = config::parse("a: " + yaml, "f");
    REQUIRE(tree.errors.empty());
    base::Error error;
    const auto data = config::read_scalar(parameter, *tree.root.find("a"), error);
    if (data.index() == 0) return error.hint.empty() ? "refused" : error.hint;
    return config::value_text({.type = parameter.type, .data = data});
}

std::string boolean(const std::string& yaml) {
    return reads({.type = Type::boolean}, yaml);
}
std::string integer(const std::string& yaml) {
    return reads({.type = Type::integer}, yaml);
}
std::string number(const std::string& yaml) {
    return reads({.type = Type::number}, yaml);
}
std::string size(const std::string& yaml) {
    return reads({.type = Type::size, .minimum = 1}, yaml);
}
std::string share(const std::string& yaml) {
    return reads({.type = Type::share, .minimum = 0, .maximum = 1}, yaml);
}
std::string text(const std::string& yaml) {
    return reads({.type = Type::text}, yaml);
}

}  // namespace

TEST_CASE("scalar Y14: booleans are true and false alone") {
    CHECK(boolean("true") == "true");
    CHECK(boolean("false") == "false");
    for (const char* word : {"yes", "on", "y", "True", "TRUE", "Y"}) CHECK(boolean(word) == "write true");
    for (const char* word : {"no", "off", "n", "NO", "False"}) CHECK(boolean(word) == "write false");
    CHECK(boolean("\"true\"") == "remove the quotes");
    CHECK(boolean("maybe") == "refused");
    CHECK(boolean("[]") == "refused");
}

TEST_CASE("scalar Y14: text stays as it is written") {
    for (const char* word : {"no", "off", "y", "NO", "010", "1e3", "true", ".nan"})
        CHECK(text(word) == base::json_quote(word));
    CHECK(text("\"\"") == "\"\"");
    CHECK(text("[a]") == "refused");
}

TEST_CASE("scalar Y10, Y13: integers are decimal digits, with one reading") {
    CHECK(integer("0") == "0");
    CHECK(integer("-12") == "-12");
    CHECK(integer("9223372036854775807") == "9223372036854775807");
    CHECK(integer("1_000") == "write 1000");
    CHECK(integer("010") == "write 10");
    CHECK(integer("0o10") == "write it in decimal");
    CHECK(integer("0x10") == "write it in decimal");
    CHECK(integer("1e3") == "write 1000");
    CHECK(integer("1.0") == "write 1");
    CHECK(integer("+5") == "write 5");
    CHECK(integer("'5'") == "remove the quotes");
    for (const char* word : {"8k", "12:30:45", "1.5", "'-'", "--1", "5 5", "\"\""})
        CHECK(integer(word) == "refused");
}

TEST_CASE("scalar Y11: out of range is refused, however large") {
    CHECK(integer("9223372036854775808") == "refused");
    CHECK(integer("99999999999999999999") == "refused");
    CHECK(reads({.type = Type::integer, .minimum = 0, .maximum = 4294967295.0}, "4294967296") == "refused");
    CHECK(reads({.type = Type::integer, .minimum = 0, .maximum = 4294967295.0}, "4294967295") ==
          "4294967295");
    CHECK(reads({.type = Type::integer, .minimum = 0}, "-1") == "refused");
    CHECK(number("1e400") == "refused");
    CHECK(number("-1e400") == "refused");
    CHECK(number("1e-400") == "refused");
}

TEST_CASE("scalar Y12: numbers are finite, and written as in JSON") {
    CHECK(number("1e-12") == "1e-12");
    CHECK(number("0.15") == "0.15");
    CHECK(number("-2") == "-2");
    CHECK(number("1E+2") == "100");
    for (const char* word : {".nan", ".inf", "-.inf", ".NaN", "nan", "inf", "Infinity"})
        CHECK(number(word) == "it must be finite");
    CHECK(number(".5") == "write 0.5");
    CHECK(number("010") == "write 10");
    CHECK(number("1_000.0") == "write 1000");
    for (const char* word : {"1.", "1e", "0x1p3", "1,5", "e5"}) CHECK_FALSE(number(word)[0] == '1');
}

TEST_CASE("scalar: sizes are bytes, or whole numbers of binary units") {
    CHECK(size("\"64 KiB\"") == size("64 KiB"));  // JSON has no other way to write it
    CHECK(size("\"65536\"") == "remove the quotes");
    CHECK(size("1") == "1");
    CHECK(size("65536") == "64 KiB");
    CHECK(size("64 KiB") == "64 KiB");
    CHECK(size("2GiB") == "2 GiB");
    CHECK(size("1024 B") == "1 KiB");
    CHECK(size("8388607 TiB") == "8388607 TiB");
    CHECK(size("8388608 TiB") == "refused");
    CHECK(size("64 KB") == "write 64 KiB");
    CHECK(size("64k") == "write 64 KiB");
    CHECK(size("2 gib") == "write 2 GiB");
    for (const char* word : {"0", "-1", "1.5 KiB", "KiB", "1  KiB", "1 KiB x"}) CHECK(size(word) != word);
    CHECK(size("0") == "refused");
    CHECK(size("1.5 KiB") == "refused");
}

TEST_CASE("scalar: shares are percent or a number from 0 to 1") {
    CHECK(share("1 %") == "0.01");
    CHECK(share("0.5%") == "0.005");
    CHECK(share("0.25") == "0.25");
    CHECK(share("100 %") == "1");
    CHECK(share("101 %") == "refused");
    CHECK(share("1.5") == "refused");
    CHECK(share("x %") == "refused");
}

TEST_CASE("scalar: choices and words beside numbers are taken as written, near misses get the word") {
    const config::Parameter choice{.type = Type::choice, .choices = {"false", "true", "blocks"}};
    CHECK(reads(choice, "true") == "true");
    CHECK(reads(choice, "block") == "did you mean 'blocks'?");
    const config::Parameter threads{
        .type = Type::integer, .minimum = 1, .maximum = 1024, .choices = {"auto"}};
    CHECK(reads(threads, "auto") == "auto");
    CHECK(reads(threads, "8") == "8");
    CHECK(reads(threads, "Auto") == "did you mean 'auto'?");
    CHECK(config::expectation(threads) == "an integer from 1 to 1024, or auto");
    CHECK(config::expectation({.type = Type::size, .minimum = 1024, .maximum = 1 << 20}) ==
          "a size from 1 KiB to 1 MiB, as 64 KiB");
    CHECK(config::expectation({.type = Type::share, .minimum = 0, .maximum = 1}) ==
          "a share from 0 % to 100 %, as 1 % or 0.01");
    CHECK(config::expectation({.type = Type::integer, .minimum = 1, .maximum = 1}) == "1");
    CHECK(config::expectation({.type = Type::integer, .unit = "tokens"}) == "an integer of tokens");
}

TEST_CASE("nearest: slips of the finger, case, dashes and short forms are seen; other words are not") {
    const std::vector<std::string> names{"max_length", "template", "truncate", "size"};
    CHECK(config::nearest("max_lenght", names) == "max_length");
    CHECK(config::nearest("max-length", names) == "max_length");
    CHECK(config::nearest("MaxLength", names) == "max_length");
    CHECK(config::nearest("max_len", names) == "max_length");
    CHECK(config::nearest("tempalte", names) == "template");
    CHECK(config::nearest("sise", names) == "size");
    CHECK(config::nearest("vocab", names).empty());
    CHECK(config::nearest("", names).empty());
    CHECK(config::nearest(std::string(100000, 'x'), names).empty());
}
