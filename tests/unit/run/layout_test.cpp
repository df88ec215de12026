// Rows in padded tensors: every number type that an objective may declare, and lengths.
#include <embedloom/run/layout.h>

#include "support/catch.hpp"

#include <cstring>

using namespace embedloom;
using namespace embedloom::run;

namespace {

/// A window of two rows, of 1 and 2 tokens, whose one column has `values`.
template <class T>
WindowRows window_of(const std::vector<T>& values) {
    WindowRows window;
    window.row_ends = {1, 3};
    window.columns.resize(1);
    window.columns[0].bytes.resize(values.size() * sizeof(T));
    std::memcpy(window.columns[0].bytes.data(), values.data(), values.size() * sizeof(T));
    return window;
}

/// The numbers of a column with a value a token, padded to 3 tokens a row.
template <class T>
std::vector<double> padded(el_dtype dtype, const std::vector<T>& values, std::int64_t pad, PadSide side) {
    const WindowRows window = window_of(values);
    Tensor tensor{.name = "column", .dtype = dtype, .shape = {2, 3}, .memory = {}};
    tensor.memory.require(tensor.bytes());
    const TensorPlan plan{.name = "column", .content = Content::objective_column, .dtype = dtype, .pad = pad};
    for (std::uint32_t row = 0; row < 2; ++row) fill_row(plan, {.side = side}, {&window, row, row}, tensor);
    std::vector<double> out;
    for (std::uint64_t i = 0; i < 6; ++i)
        out.push_back(std::visit([](auto number) { return static_cast<double>(number); }, number_at(tensor, i)));
    return out;
}

template <class T>
void check_type(el_dtype dtype, const std::vector<T>& one_two_three, std::int64_t pad) {
    CAPTURE(dtype);
    const auto p = static_cast<double>(pad);
    CHECK(padded(dtype, one_two_three, pad, PadSide::right) == std::vector<double>{1, p, p, 2, 3, p});
    CHECK(padded(dtype, one_two_three, pad, PadSide::left) == std::vector<double>{p, p, 1, p, 2, 3});
}

}  // namespace

TEST_CASE("layout: a column of an objective may be of every type of the contract") {
    check_type<std::uint8_t>(EL_U8, {1, 2, 3}, 200);
    check_type<std::int32_t>(EL_I32, {1, 2, 3}, -100);
    check_type<std::uint32_t>(EL_U32, {1, 2, 3}, 4294967295);
    check_type<std::int64_t>(EL_I64, {1, 2, 3}, -100);
    check_type<std::uint64_t>(EL_U64, {1, 2, 3}, 100);
    check_type<std::uint16_t>(EL_F16, {0x3C00, 0x4000, 0x4200}, -100);
    check_type<std::uint16_t>(EL_BF16, {0x3F80, 0x4000, 0x4040}, -100);
    check_type<float>(EL_F32, {1, 2, 3}, -100);
    check_type<double>(EL_F64, {1, 2, 3}, -100);
}

TEST_CASE("layout: a column with a value a row has no pads") {
    const WindowRows window = window_of<double>({0.5, 0.25});
    Tensor tensor{.name = "column", .dtype = EL_F64, .shape = {2}, .memory = {}};
    tensor.memory.require(tensor.bytes());
    const TensorPlan plan{.name = "column", .content = Content::objective_column, .dtype = EL_F64, .per_token = false};
    for (std::uint32_t row = 0; row < 2; ++row) fill_row(plan, {}, {&window, row, 1 - row}, tensor);
    CHECK(std::get<double>(number_at(tensor, 0)) == 0.25);
    CHECK(std::get<double>(number_at(tensor, 1)) == 0.5);
}

TEST_CASE("layout: a padded length is a multiple, and never less than the row's") {
    CHECK(padded_length({.multiple = 8}, 0) == 8);
    CHECK(padded_length({.multiple = 8}, 16) == 16);
    CHECK(padded_length({.to = PadTo::fixed, .length = 17, .multiple = 8}, 3) == 24);
    CHECK(padded_length({.multiple = 8}, UINT32_MAX - 2) == UINT32_MAX);
}
