// The counter-based generator against its published answers, and the helpers that turn words into numbers.
#include <embedloom/abi/philox.h>

#include <array>
#include <cstdlib>
#include <set>

#include "philox_c.h"
#include "support/catch.hpp"

using Words = std::array<std::uint32_t, 4>;

static Words philox(Words counter, std::array<std::uint32_t, 2> key) {
    Words out{};
    el_philox(out.data(), counter.data(), key.data());
    return out;
}

TEST_CASE("philox: the known answers of Random123 hold") {
    const std::uint32_t ones = 0xFFFFFFFF;
    CHECK(philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8});
    CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
          Words{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD});
    CHECK(philox({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}) ==
          Words{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1});
}

TEST_CASE("philox: a key is two turns of the generator, and a draw puts index and stream low") {
    const el_key key = el_key_for(0x200000001, 0x400000003, 0x600000005, 0x800000007);
    const Words mixed = philox(philox({5, 6, 3, 4}, {1, 2}), {7, 8});
    CHECK(Words{key.key[0], key.key[1], key.high[0], key.high[1]} == mixed);
    Words drawn{};
    el_draw(&key, 10, 11, drawn.data());
    CHECK(drawn == philox({11, 10, mixed[2], mixed[3]}, {mixed[0], mixed[1]}));
}

TEST_CASE("philox: each of seed, epoch, id and purpose makes another key") {
    std::set<Words> keys;
    for (std::uint64_t bit = 0; bit < 256; ++bit) {
        std::array<std::uint64_t, 4> from{};
        from[bit / 64] = std::uint64_t{1} << (bit % 64);
        const el_key key = el_key_for(from[0], from[1], from[2], from[3]);
        keys.insert({key.key[0], key.key[1], key.high[0], key.high[1]});
    }
    CHECK(keys.size() == 256);
}

TEST_CASE("philox: unit numbers reach 0 and stay below 1") {
    CHECK(el_unit_float(0) == 0.0f);
    CHECK(el_unit_float(0xFFFFFFFF) == 1.0f - 0x1p-24f);
    CHECK(el_unit_double(0, 0) == 0.0);
    CHECK(el_unit_double(0xFFFFFFFF, 0xFFFFFFFF) == 1.0 - 0x1p-53);
}

TEST_CASE("philox: the wide product equals the sum of its parts") {
    std::uint64_t low = 0;
    CHECK(el_multiply_wide(~std::uint64_t{0}, ~std::uint64_t{0}, &low) == ~std::uint64_t{0} - 1);
    CHECK(low == 1);
    CHECK(el_multiply_wide(0x123456789ABCDEF0, 0x0FEDCBA987654321, &low) == 0x0121FA00AD77D742);
    CHECK(low == 0x2236D88FE5618CF0);
}

TEST_CASE("philox: a bounded integer is unbiased where rejection matters, seed 1") {
    const el_key key = el_key_for(1, 0, 0, 0);
    const std::uint64_t bound = 3 * (std::uint64_t{1} << 62);  // a quarter of all draws is rejected
    std::array<int, 3> counts{};
    std::uint32_t index = 0;
    for (int i = 0; i < 30000; ++i) ++counts[el_below(&key, 0, &index, bound) >> 62];
    for (const int count : counts) CHECK(std::abs(count - 10000) < 400);  // 5 standard deviations
    CHECK(index > 38000);
    CHECK(index < 42000);
    CHECK(el_below(&key, 0, &index, 1) == 0);
    CHECK(el_below(&key, 0, &index, 0) == 0);
}

TEST_CASE("philox: C and C++ draw the same numbers") {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const el_key key = el_key_for(seed, 3, seed * 77, 5);
        std::uint32_t index = 9;
        CHECK(c_below(seed, seed * 77, 9, 1000 + seed) == el_below(&key, 1, &index, 1000 + seed));
    }
}
