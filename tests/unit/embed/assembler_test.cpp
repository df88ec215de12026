// The assembly against its slow twins, published values and its own promises.
#include <embedloom/base/error.h>

#include <cmath>
#include <limits>

#include "each_instruction_set.h"
#include "numbers.h"
#include "reference/embed_twin.h"

namespace {

using namespace embedloom;
using namespace embedloom::test;
using embed::Assembler;
using embed::Dtype;
using embed::NormKind;
using embed::Recipe;
using embed::Store;
using embed::Strip;

constexpr std::uint64_t rows = 2;    // R
constexpr std::uint64_t length = 3;  // S
const std::vector<std::int64_t> ids = {0, 4, 2, 4, 1, 3};
const std::vector<std::int64_t> segment_ids = {0, 0, 1, 1, 0, 1};

// Everything a strip points at, for vectors of one width.
struct Fixture {
    explicit Fixture(std::uint32_t width, Dtype tables = Dtype::float32)
        : token(5, width, tables, width),
          segment(2, width, tables, width + 1),
          positions(random_floats(rows * length * width, width + 2)),
          weight(random_floats(width, width + 3)),
          bias(random_floats(width, width + 4)) {}

    Recipe recipe(NormKind norm, Dtype out, float scale = 1) const {
        return {.token = token.view(),
                .scale = scale,
                .segment = segment.view(),
                .norm = {norm, weight.data(), bias.data(), 1e-5},
                .out = out};
    }
    Strip strip() const {
        return {.rows = rows,
                .length = length,
                .ids = ids.data(),
                .segment_ids = segment_ids.data(),
                .positions = positions.data()};
    }

    Table token;
    Table segment;
    std::vector<float> positions;
    std::vector<float> weight;
    std::vector<float> bias;
};

std::vector<std::byte> assembled(const Recipe& recipe, Strip strip) {
    std::vector<std::byte> out(strip.rows * strip.length * recipe.token.width *
                               embed::dtype_bytes(recipe.out));
    strip.out = out.data();
    Assembler(recipe).assemble(strip);
    return out;
}

std::vector<float> assembled_floats(const Recipe& recipe, const Strip& strip) {
    const std::vector<std::byte> out = assembled(recipe, strip);
    std::vector<float> numbers(out.size() / embed::dtype_bytes(recipe.out));
    embed::widen(out.data(), recipe.out, numbers.size(), numbers.data());
    return numbers;
}

std::vector<std::byte> as(Dtype dtype, const std::vector<float>& numbers) {
    std::vector<std::byte> bytes(numbers.size() * embed::dtype_bytes(dtype));
    embed::narrow(numbers.data(), numbers.size(), dtype, bytes.data());
    return bytes;
}

}  // namespace

TEST_CASE("assembler: every width, type and norm has the twin's bits with every instruction set", "[embed]") {
    const auto width = GENERATE(1u, 2u, 3u, 8u, 15u, 16u, 17u, 31u, 32u, 33u, 100u, 255u, 768u, 1000u);
    const auto tables = GENERATE(Dtype::float32, Dtype::float16, Dtype::bfloat16);
    const auto scale = GENERATE(1.0f, 3.25f);
    const Fixture fixture(width, tables);
    for (const NormKind norm : {NormKind::none, NormKind::layer_norm, NormKind::rms_norm}) {
        const std::vector<float> expected =
            reference::assemble_in_lanes(fixture.recipe(norm, Dtype::float32, scale), fixture.strip());
        for (const Dtype out : {Dtype::float32, Dtype::float16, Dtype::bfloat16}) {
            INFO("width " << width << ", tables " << int(tables) << ", norm " << int(norm) << ", out "
                          << int(out));
            with_each_instruction_set([&] {
                CHECK((assembled(fixture.recipe(norm, out, scale), fixture.strip()) == as(out, expected)));
            });
        }
    }
}

TEST_CASE("assembler: the definition in float64 is met up to rounding, at the largest width too", "[embed]") {
    const auto width = GENERATE(1u, 5u, 768u, 65536u);
    const auto norm = GENERATE(NormKind::none, NormKind::layer_norm, NormKind::rms_norm);
    const Fixture fixture(width);
    const Recipe recipe = fixture.recipe(norm, Dtype::float32);
    const std::vector<double> expected = reference::assemble_in_double(recipe, fixture.strip());
    const std::vector<float> found = assembled_floats(recipe, fixture.strip());
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        worst = std::max(worst, std::fabs(expected[i] - static_cast<double>(found[i])));
    CHECK(worst < 2e-6);
}

TEST_CASE("assembler: LayerNorm of BERT's sum has the published values", "[embed]") {
    const std::vector<float> word = {.5f, -1, 2, .25f};
    const std::vector<float> type = {.125f, .125f, -.125f, 0};
    const std::vector<float> position = {0, 1, 0, 1};
    const std::int64_t zero = 0;
    const Recipe recipe{
        .token = view_of(word, 4), .segment = view_of(type, 4), .norm = {.kind = NormKind::layer_norm}};
    const Strip strip{
        .rows = 1, .length = 1, .ids = &zero, .segment_ids = &zero, .positions = position.data()};
    with_each_instruction_set([&] {
        const std::vector<float> found = assembled_floats(recipe, strip);
        CHECK(found[0] == Approx(-0.5226257720).margin(1e-7));
        CHECK(found[1] == Approx(-1.2828087130).margin(1e-7));
        CHECK(found[2] == Approx(1.3778315806).margin(1e-7));
        CHECK(found[3] == Approx(0.4276029043).margin(1e-7));
    });
}

TEST_CASE("assembler: LayerNorm of 1 2 3 4 has the published values", "[embed]") {
    const std::vector<float> word = {1, 2, 3, 4};
    const std::int64_t zero = 0;
    const Recipe recipe{.token = view_of(word, 4), .norm = {.kind = NormKind::layer_norm}};
    const std::vector<float> found = assembled_floats(recipe, {.rows = 1, .length = 1, .ids = &zero});
    CHECK(found[0] == Approx(-1.3416407865).margin(1e-7));
    CHECK(found[1] == Approx(-0.4472135955).margin(1e-7));
    CHECK(found[2] == -found[1]);
    CHECK(found[3] == -found[0]);
}

TEST_CASE("assembler: a row of equal numbers has variance 0 and becomes the bias, not NaN", "[embed]") {
    const std::vector<float> word(20, 3.0f);
    const std::vector<float> bias = random_floats(20, 5);
    const std::int64_t zero = 0;
    const Recipe recipe{.token = view_of(word, 20),
                        .norm = {.kind = NormKind::layer_norm, .bias = bias.data(), .epsilon = 1e-12}};
    with_each_instruction_set(
        [&] { CHECK(assembled_floats(recipe, {.rows = 1, .length = 1, .ids = &zero}) == bias); });
}

TEST_CASE("assembler: every part may be missing, and the scale is the token row's alone", "[embed]") {
    const Fixture fixture(19);
    const bool segment = GENERATE(false, true);
    const bool positions = GENERATE(false, true);
    const float scale = GENERATE(1.0f, 55.5f);
    Recipe recipe =
        fixture.recipe(GENERATE(NormKind::none, NormKind::layer_norm, NormKind::rms_norm), Dtype::float32);
    Strip strip = fixture.strip();
    recipe.scale = scale;
    if (!segment) recipe.segment.reset();
    if (!positions) strip.positions = nullptr;
    if (GENERATE(false, true)) recipe.norm.weight = recipe.norm.bias = nullptr;
    const std::vector<float> expected = reference::assemble_in_lanes(recipe, strip);
    with_each_instruction_set([&] { CHECK((assembled(recipe, strip) == as(Dtype::float32, expected))); });
}

TEST_CASE("assembler: positions are shared by rows, or each row has its own", "[embed]") {
    const auto dtype = GENERATE(Dtype::float32, Dtype::bfloat16);
    const Fixture fixture(7, dtype);
    Recipe recipe = fixture.recipe(NormKind::none, dtype);
    Strip strip = fixture.strip();
    const std::vector<float> expected_shared = reference::assemble_in_lanes(recipe, strip);
    const std::vector<std::byte> shared = assembled(recipe, strip);
    strip.position_stride = length * 7;
    const std::vector<std::byte> own = assembled(recipe, strip);
    CHECK((shared == as(dtype, expected_shared)));
    CHECK((own == as(dtype, reference::assemble_in_lanes(recipe, strip))));
    CHECK((own != shared));
}

TEST_CASE("assembler: token rows alone keep every bit, of signalling NaN and negative zero too", "[embed]") {
    const std::vector<std::uint32_t> bits = {0x7F800001, 0x80000000, 0x00000001, 0xFFFFFFFF, 0x3F800000};
    std::vector<float> word(5 * 21);
    std::vector<std::uint32_t> expected;
    for (std::size_t i = 0; i < word.size(); ++i)
        std::memcpy(&word[i], &bits[i % bits.size()], sizeof(float));
    for (const std::int64_t id : ids)
        for (std::size_t d = 0; d < 21; ++d)
            expected.push_back(bits[(static_cast<std::size_t>(id) * 21 + d) % bits.size()]);
    with_each_instruction_set([&] {
        const std::vector<std::byte> out =
            assembled({.token = view_of(word, 21)}, {.rows = rows, .length = length, .ids = ids.data()});
        CHECK(std::memcmp(out.data(), expected.data(), out.size()) == 0);
    });
}

TEST_CASE("assembler: NaN and infinity are not lost on the way to any type", "[embed]") {
    const auto at = GENERATE(0u, 20u, 39u, 47u, 50u);
    const auto value = GENERATE(float_of(0x7FFFFFFF), float_of(0xFF800001), INFINITY);
    const auto out = GENERATE(Dtype::float32, Dtype::float16, Dtype::bfloat16);
    const auto norm = GENERATE(NormKind::none, NormKind::layer_norm, NormKind::rms_norm);
    std::vector<float> word(51, 1.5f);
    word[at] = value;
    const std::int64_t zero = 0;
    const Recipe recipe{.token = view_of(word, 51), .scale = 2, .norm = {.kind = norm}, .out = out};
    const Strip strip{.rows = 1, .length = 1, .ids = &zero};
    const std::vector<float> expected = reference::assemble_in_lanes(recipe, strip);
    with_each_instruction_set([&] {
        const std::vector<float> found = assembled_floats(recipe, strip);
        for (std::size_t d = 0; d < found.size(); ++d) {
            REQUIRE(std::isnan(found[d]) == std::isnan(expected[d]));
            REQUIRE(std::isinf(found[d]) == std::isinf(expected[d]));
        }
    });
}

TEST_CASE("assembler: weights that are not finite make NaN in bfloat16 too", "[embed]") {
    const std::vector<float> word = random_floats(32, 3);
    std::vector<float> weight(32, 1.0f);
    weight[17] = float_of(0x7FFFFFFF);
    const std::int64_t zero = 0;
    const Recipe recipe{.token = view_of(word, 32),
                        .norm = {.kind = NormKind::layer_norm, .weight = weight.data()},
                        .out = Dtype::bfloat16};
    with_each_instruction_set([&] {
        const std::vector<float> found = assembled_floats(recipe, {.rows = 1, .length = 1, .ids = &zero});
        CHECK(std::isnan(found[17]));
        CHECK_FALSE(std::isnan(found[16]));
    });
}

TEST_CASE("assembler: pads are tokens like any, unless zeros are asked for", "[embed]") {
    const Fixture fixture(18);
    const std::vector<std::int64_t> mask = {1, 1, 0, 1, 0, 0};
    const auto norm = GENERATE(NormKind::none, NormKind::layer_norm);
    const auto out = GENERATE(Dtype::float32, Dtype::float16);
    Strip strip = fixture.strip();
    strip.zero_where_0 = mask.data();
    const Recipe recipe = fixture.recipe(norm, out);
    const std::vector<float> found = assembled_floats(recipe, strip);
    CHECK((assembled(recipe, strip) == as(out, reference::assemble_in_lanes(recipe, strip))));
    CHECK(found[2 * 18] == 0.0f);
    CHECK(found[3 * 18 + 1] != 0.0f);
    const std::vector<float> words = assembled_floats({.token = fixture.token.view()}, strip);
    CHECK(std::vector<float>(words.begin() + 4 * 18, words.end()) == std::vector<float>(2 * 18, 0.0f));
}

TEST_CASE("assembler: rows go to their stride and nothing beside them is touched", "[embed]") {
    const Fixture fixture(5);
    const Recipe recipe = fixture.recipe(NormKind::layer_norm, Dtype::bfloat16);
    const std::vector<std::byte> tight = assembled(recipe, fixture.strip());
    constexpr std::size_t row_bytes = length * 5 * 2, stride = row_bytes + 7;
    std::vector<std::byte> loose(3 + rows * stride, std::byte{0x5A});
    Strip strip = fixture.strip();
    strip.out = loose.data() + 3;
    strip.out_stride = stride;
    with_each_instruction_set([&] {
        Assembler(recipe).assemble(strip);
        std::vector<std::byte> expected(loose.size(), std::byte{0x5A});
        for (std::size_t row = 0; row < rows; ++row)
            std::memcpy(expected.data() + 3 + row * stride, tight.data() + row * row_bytes, row_bytes);
        CHECK((loose == expected));
    });
}

TEST_CASE("assembler: streaming stores write the same bytes, and odd outputs fall back", "[embed]") {
    const auto width = GENERATE(64u, 50u);
    const auto out = GENERATE(Dtype::float32, Dtype::float16, Dtype::bfloat16);
    const auto norm = GENERATE(NormKind::none, NormKind::layer_norm);
    const auto shift = GENERATE(std::size_t{0}, std::size_t{2});
    const Fixture fixture(width);
    const Recipe recipe = fixture.recipe(norm, out);
    const std::vector<std::byte> expected = assembled(recipe, fixture.strip());
    embed::AlignedFloats memory(expected.size() / 2, 0);
    Strip strip = fixture.strip();
    strip.out = reinterpret_cast<std::byte*>(memory.data()) + shift;
    strip.store = Store::streaming;
    with_each_instruction_set([&] {
        std::fill_n(memory.data(), memory.size(), 0.0f);
        Assembler(recipe).assemble(strip);
        CHECK(std::memcmp(strip.out, expected.data(), expected.size()) == 0);
    });
}

TEST_CASE("assembler: more rows than are worked on together come out in their places", "[embed]") {
    const auto dtype = GENERATE(Dtype::float32, Dtype::bfloat16);
    constexpr std::uint64_t many = 21, columns = 2;
    const Fixture fixture(40, dtype);
    std::vector<std::int64_t> tokens(many * columns), kinds(many * columns);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = static_cast<std::int64_t>(i * 7 % 5);
        kinds[i] = static_cast<std::int64_t>(i % 3 == 0);
    }
    const Strip strip{.rows = many,
                      .length = columns,
                      .ids = tokens.data(),
                      .segment_ids = kinds.data(),
                      .positions = fixture.positions.data()};
    const Recipe recipe = fixture.recipe(NormKind::layer_norm, dtype);
    const std::vector<float> expected = reference::assemble_in_lanes(recipe, strip);
    with_each_instruction_set([&] { CHECK((assembled(recipe, strip) == as(dtype, expected))); });
}

TEST_CASE("assembler: a batch cut into strips of one row is the same batch", "[embed]") {
    const Fixture fixture(33);
    const Recipe recipe = fixture.recipe(NormKind::layer_norm, Dtype::float32);
    const std::vector<std::byte> whole = assembled(recipe, fixture.strip());
    std::vector<std::byte> parts(whole.size());
    const Assembler assembler(recipe);
    for (std::size_t row = 0; row < rows; ++row) {
        Strip strip = fixture.strip();
        strip.rows = 1;
        strip.ids += row * length;
        strip.segment_ids += row * length;
        strip.out = parts.data() + row * whole.size() / rows;
        assembler.assemble(strip);
    }
    CHECK((parts == whole));
}

TEST_CASE("assembler: segment tables as large as vocabularies are read where they stand", "[embed]") {
    const auto dtype = GENERATE(Dtype::float32, Dtype::bfloat16);
    const Table token(5, 20, dtype, 1);
    const Table segment(20000, 20, dtype, 2);
    const std::vector<std::int64_t> high = {19999, 0, 777, 12345, 19998, 1};
    const auto out = GENERATE(Dtype::float32, Dtype::bfloat16);
    const Recipe recipe{.token = token.view(), .segment = segment.view(), .out = out};
    const Strip strip{.rows = rows, .length = length, .ids = ids.data(), .segment_ids = high.data()};
    CHECK((assembled(recipe, strip) == as(out, reference::assemble_in_lanes(recipe, strip))));
}

TEST_CASE("assembler: a strip without rows or without tokens writes nothing", "[embed]") {
    const Fixture fixture(5);
    const Assembler assembler(fixture.recipe(NormKind::layer_norm, Dtype::float32));
    const Assembler words({.token = fixture.token.view()});
    for (const Assembler* each : {&assembler, &words}) {
        each->assemble({.rows = 0, .length = 3});
        each->assemble({.rows = 3, .length = 0});
    }
    SUCCEED("no access");
}

TEST_CASE("assembler: recipes that cannot be are refused with what was found and expected", "[embed]") {
    const Fixture fixture(8);
    const Table narrow(2, 7, Dtype::float32, 1);
    const Recipe good = fixture.recipe(NormKind::layer_norm, Dtype::float32);
    const auto message = [](const Recipe& recipe) -> std::string {
        try {
            Assembler assembler(recipe);
            return "";
        } catch (const base::Failure& failure) {
            CHECK(failure.first().code == base::Code::config);
            return failure.what();
        }
    };
    Recipe bad = good;
    CHECK(message(good) == "");
    bad.segment = narrow.view();
    CHECK_THAT(message(bad),
               Catch::Contains("width 7") && Catch::Contains("the width of the token table, 8"));
    bad = good;
    bad.token.width = 0;
    CHECK_THAT(message(bad), Catch::Contains("from 1 to 65536"));
    bad.token.width = 65537;
    CHECK_THAT(message(bad), Catch::Contains("width 65537"));
    bad = good;
    bad.token.stride_bytes = 31;
    CHECK_THAT(message(bad), Catch::Contains("31 bytes") && Catch::Contains("at least 32"));
    bad = good;
    bad.scale = std::numeric_limits<float>::quiet_NaN();
    CHECK_THAT(message(bad), Catch::Contains("scale nan") && Catch::Contains("finite"));
    bad = good;
    bad.norm.epsilon = -1;
    CHECK_THAT(message(bad), Catch::Contains("epsilon"));
}

TEST_CASE("instruction sets: plain C++ is always there, unknown names are refused", "[embed]") {
    CHECK(embed::instruction_sets().back() == "SCALAR");
    CHECK_THROWS_AS(embed::use_instruction_set("MMX"), base::Failure);
}
