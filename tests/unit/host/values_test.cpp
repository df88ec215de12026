// Parameter values: what texts mean, what is refused, and how plugins see them.
#include <embedloom/host/values.h>

#include "support/catch.hpp"

using namespace embedloom;
using namespace embedloom::host;

namespace {

el_text text(std::string_view from) { return {from.data(), from.size()}; }

const el_text words[] = {text("left"), text("right")};

el_parameter row(std::uint32_t type, double low = -1e300, double high = 1e300) {
    el_parameter out{.size = sizeof(el_parameter), .type = type, .name = text("p"), .minimum = low, .maximum = high};
    if (type == EL_PARAMETER_CHOICE) out.choices = words, out.choice_count = 2;
    return out;
}

bool is_refused(const el_parameter& parameter, const Value& value) {
    const el_stage stage{.parameter_count = 1, .parameters = &parameter};
    return !check_values(stage, std::span(&value, 1), "stage").empty();
}

}  // namespace

TEST_CASE("values: a default means what YAML would mean by it") {
    CHECK(parse_value(row(EL_PARAMETER_BOOLEAN), "true") == Value(true));
    CHECK(parse_value(row(EL_PARAMETER_BOOLEAN), "yes") == std::nullopt);
    CHECK(parse_value(row(EL_PARAMETER_INTEGER), "-7") == Value(std::int64_t{-7}));
    CHECK(parse_value(row(EL_PARAMETER_INTEGER), "7.0") == std::nullopt);
    CHECK(parse_value(row(EL_PARAMETER_NUMBER), "1e-12") == Value(1e-12));
    CHECK(parse_value(row(EL_PARAMETER_SIZE), "64 KiB") == Value(std::int64_t{65536}));
    CHECK(parse_value(row(EL_PARAMETER_SIZE), "9007199254740992 TiB") == std::nullopt);
    CHECK(parse_value(row(EL_PARAMETER_SIZE), "-1") == std::nullopt);
    CHECK(parse_value(row(EL_PARAMETER_TEXTS), "a,b") == Value(std::vector<std::string>{"a", "b"}));
    CHECK(parse_value(row(EL_PARAMETER_TEXT), "") == Value(std::string()));
}

TEST_CASE("values: types, ranges, choices and presence are checked") {
    CHECK_FALSE(is_refused(row(EL_PARAMETER_INTEGER, 1, 3), std::int64_t{3}));
    CHECK(is_refused(row(EL_PARAMETER_INTEGER, 1, 3), std::int64_t{4}));
    CHECK(is_refused(row(EL_PARAMETER_INTEGER), 1.0));
    CHECK_FALSE(is_refused(row(EL_PARAMETER_NUMBER), std::int64_t{1}));
    CHECK(is_refused(row(EL_PARAMETER_NUMBER), std::nan("")));
    CHECK_FALSE(is_refused(row(EL_PARAMETER_CHOICE), std::string("left")));
    CHECK(is_refused(row(EL_PARAMETER_CHOICE), std::string("up")));
    CHECK(is_refused(row(EL_PARAMETER_STAGE), std::shared_ptr<Instance>()));
    el_parameter parameter = row(EL_PARAMETER_TEXT);
    CHECK_FALSE(is_refused(parameter, Value()));
    parameter.flags = EL_REQUIRED;
    CHECK(is_refused(parameter, Value()));
}

TEST_CASE("values: what a parameter takes is said in words") {
    CHECK(expectation(row(EL_PARAMETER_INTEGER, 1, 512)) == "an integer from 1 to 512");
    CHECK(expectation(row(EL_PARAMETER_CHOICE)) == "one of left, right");
    el_parameter open = row(EL_PARAMETER_NUMBER, 0.5, 1);
    open.maximum = std::numeric_limits<double>::infinity();
    CHECK(expectation(open) == "a number from 0.5");
}

TEST_CASE("values: plugins see them in the order of the table, each in its member") {
    const std::vector<el_parameter> table{row(EL_PARAMETER_NUMBER), row(EL_PARAMETER_FILES), row(EL_PARAMETER_TEXT),
                                          row(EL_PARAMETER_BOOLEAN)};
    const el_stage stage{.parameter_count = 4, .parameters = table.data()};
    const std::vector<Value> values{std::int64_t{2}, std::vector<std::string>{"a", "bc"}, {}, true};
    const AbiValues abi(stage, values);
    REQUIRE(abi.size() == 4);
    CHECK(abi.data()[0].number == 2.0);
    REQUIRE(abi.data()[1].list_count == 2);
    CHECK(abi.data()[1].list[1].size == 2);
    CHECK(abi.data()[2].is_set == 0);
    CHECK(abi.data()[3].integer == 1);
}
