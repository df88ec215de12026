// Positions against golden values: the paper's layout, Transformer-XL's, tensor2tensor's, and rows of a table.
#include <embedloom/abi/position.h>
#include <embedloom/abi/table.h>

#include "support/catch.hpp"
#include "support/plugin_bench.h"

extern "C" const el_plugin sinusoidal_plugin;
extern "C" const el_plugin learned_plugin;

using namespace embedloom::support;

namespace {

std::vector<float> encode(const PluginBench& bench, std::vector<std::int64_t> ids, std::uint32_t width) {
    std::vector<float> out(ids.size() * width, -7);
    const auto& functions = bench.functions<el_position_functions>();
    REQUIRE(functions.encode(bench.instance(), ids.data(), ids.size(), width, out.data(), nullptr) == EL_OK);
    return out;
}

std::vector<float> sinusoidal(const char* layout, std::vector<std::int64_t> ids, std::uint32_t width) {
    PluginBench bench(sinusoidal_plugin, "sinusoidal");
    REQUIRE(bench.set("layout", layout).configure() == EL_OK);
    return encode(bench, std::move(ids), width);
}

void check_near(const std::vector<float>& found, const std::vector<double>& wanted) {
    REQUIRE(found.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        CAPTURE(i);
        CHECK(found[i] == Approx(wanted[i]).margin(1e-7));
    }
}

}  // namespace

TEST_CASE("sinusoidal: interleaved is the paper's: sine, cosine, sine, cosine") {
    check_near(sinusoidal("interleaved", {0, 1, 2, 3}, 4),
               {0, 1, 0, 1,                                                                     //
                0.8414709848078965, 0.5403023058681398, 0.009999833334166664, 0.9999500004166653,  //
                0.9092974268256817, -0.4161468365471424, 0.01999866669333308, 0.9998000066665778,  //
                0.1411200080598672, -0.9899924966004454, 0.02999550020249566, 0.9995500337489875});
    const std::vector<float> wide = sinusoidal("interleaved", {1}, 512);
    check_near({wide.begin(), wide.begin() + 6}, {0.8414709848, 0.5403023059, 0.8218561900, 0.5696950087, 0.8019617952, 0.5973753251});
    check_near({wide.end() - 2, wide.end()}, {1.036632926581075e-4, 0.9999999946269609});
    const std::vector<float> far = sinusoidal("interleaved", {511}, 768);
    check_near({far.begin(), far.begin() + 4}, {0.8817704008, -0.4716788742, 0.5841897238, -0.8116171306});
    check_near({far.end() - 2, far.end()}, {0.0523165691, 0.9986305506});
}

TEST_CASE("sinusoidal: an odd width of the paper's layout ends with a sine") {
    CHECK(sinusoidal("interleaved", {1}, 5)[4] == Approx(0.0006309573).margin(1e-9));
}

TEST_CASE("sinusoidal: concatenated has all sines first") {
    check_near(sinusoidal("concatenated", {1}, 4), {0.8414709848, 0.0099998333, 0.5403023059, 0.9999500004});
    const std::vector<float> wide = sinusoidal("concatenated", {1}, 512);
    for (const auto& [column, value] : {std::pair{0, 0.8415}, {1, 0.8219}, {2, 0.8020}, {3, 0.7819}, {4, 0.7617}})
        CHECK(wide[static_cast<std::size_t>(column)] == Approx(value).margin(5e-5));
    CHECK(sinusoidal("concatenated", {0}, 5) == std::vector<float>{0, 0, 0, 1, 1});
}

TEST_CASE("sinusoidal: tensor2tensor ends at exactly 1 / base, and pads an odd width with zero") {
    check_near(sinusoidal("tensor2tensor", {1, 2}, 4), {0.8414709848, 9.999999983e-5, 0.5403023059, 0.999999995,  //
                                                        0.9092974268, 1.999999987e-4, -0.4161468365, 0.99999998});
    check_near(sinusoidal("tensor2tensor", {1}, 8), {0.8414709848, 0.0463992235, 0.0021544330, 0.0001,  //
                                                     0.5403023059, 0.9989229760, 0.9999976792, 0.999999995});
    CHECK(sinusoidal("tensor2tensor", {3}, 5)[4] == 0.0f);
    CHECK(sinusoidal("tensor2tensor", {3}, 1) == std::vector<float>{0});
    check_near(sinusoidal("tensor2tensor", {1}, 2), {0.8414709848, 0.5403023059});
}

TEST_CASE("sinusoidal: a vector does not depend on its neighbours") {
    const std::vector<float> all = sinusoidal("interleaved", {0, 5, 131071}, 6), one = sinusoidal("interleaved", {131071}, 6);
    CHECK(std::vector<float>(all.begin() + 12, all.end()) == one);
}

TEST_CASE("learned: position p is row p of the table, for all three number types") {
    const std::uint16_t bfloats[] = {0x3F80, 0x4000, 0xBF80, 0x0000};  // 1 2 / -1 0
    const el_table_view view{sizeof(el_table_view), EL_BF16, bfloats, 2, 4, 2, 0};
    const el_table_functions functions{sizeof(el_table_functions), 0,
                                       [](void* instance, el_table_view* out) {
                                           *out = *static_cast<const el_table_view*>(instance);
                                           return el_status{EL_OK};
                                       },
                                       nullptr};
    const el_stage_handle table{sizeof(el_stage_handle), EL_KIND_TABLE, const_cast<el_table_view*>(&view), &functions};
    PluginBench bench(learned_plugin, "learned");
    bench.values.set("table", table);
    REQUIRE(bench.configure() == EL_OK);
    el_position_facts facts{.size = sizeof(el_position_facts)};
    REQUIRE(bench.functions<el_position_functions>().facts(bench.instance(), &facts) == EL_OK);
    CHECK(facts.width == 2);
    CHECK(facts.max_positions == 2);
    CHECK(encode(bench, {1, 0}, 2) == std::vector<float>{-1, 0, 1, 2});
}
