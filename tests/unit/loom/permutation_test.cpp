// The permutation is one, and it passes the battery of a good shuffle: short here, at full size behind
// [.long].
#include <embedloom/loom/score.h>

#include <algorithm>
#include <cmath>

#include "support.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

/// How far a chi-square of these counts, all equally likely, is from what chance gives, in standard
/// deviations.
double chi_square_z(const std::vector<std::uint64_t>& counts, double expected, std::uint64_t freedom) {
    double chi = 0;
    for (const std::uint64_t count : counts) {
        const double off = double(count) - expected;
        chi += off * off / expected;
    }
    return (chi - double(freedom)) / std::sqrt(2 * double(freedom));
}

/// Counts of (p(0) - p(1)) mod n, less one, over permutations of other seeds.
double neighbours_z(std::uint64_t n, std::uint64_t keys) {
    std::vector<std::uint64_t> counts(n - 1);
    for (std::uint64_t seed = 0; seed < keys; ++seed) {
        const Permutation order = record_order(seed, 0, n);
        ++counts[(order.at(0) + n - order.at(1)) % n - 1];
    }
    return chi_square_z(counts, double(keys) / double(n - 1), n - 2);
}

/// Counts of how far a record moves from one epoch to the next, mod n, over epochs of one seed.
double epochs_z(std::uint64_t n, std::uint64_t keys) {
    std::vector<std::uint64_t> counts(n);
    for (std::uint64_t epoch = 0; epoch < keys; ++epoch) {
        const std::uint64_t before = record_order(11, epoch, n).at(epoch % n);
        const std::uint64_t after = record_order(11, epoch + 1, n).at(epoch % n);
        ++counts[(after + n - before) % n];
    }
    return chi_square_z(counts, double(keys) / double(n), n - 1);
}

/// Counts of (item, position), over permutations of other seeds.
double positions_z(std::uint64_t n, std::uint64_t keys) {
    std::vector<std::uint64_t> counts(n * n);
    for (std::uint64_t seed = 0; seed < keys; ++seed) {
        const Permutation order = record_order(seed, 1, n);
        for (std::uint64_t i = 0; i < n; ++i) ++counts[i * n + order.at(i)];
    }
    return chi_square_z(counts, double(keys) / double(n), (n - 1) * (n - 1));
}

/// The score of the order itself (`epochs` 1), or of one epoch's order as the next one sees it (2), over
/// several seeds.
OrderScore score(std::uint64_t n, const ScoreSample& each, int epochs) {
    const std::uint64_t per_seed = n / each.batch;
    ScoreSample sample = each;
    sample.records = n;
    std::uint64_t seed = ~std::uint64_t{0};
    Permutation order = record_order(0, 0, n), before = order;
    return score_order(sample, [&](std::uint64_t number, std::span<std::uint64_t> records) {
        if (number / per_seed != seed) {
            seed = number / per_seed;
            order = record_order(seed, 5, n);
            before = record_order(seed, 4, n);
        }
        // far apart where there are many batches, one after the other where there are few
        const std::uint64_t apart = std::max<std::uint64_t>(per_seed / sample.batches, 1);
        const std::uint64_t first = number % per_seed * apart;
        for (std::uint64_t i = 0; i < records.size(); ++i) {
            const std::uint64_t item = order.at(first * sample.batch + i);
            records[i] = epochs == 1 ? item : before.inverse(item);
        }
    });
}

void check_score(std::uint64_t n, const ScoreSample& sample, int epochs) {
    const OrderScore found = score(n, sample, epochs);
    INFO("n " << n << ", epochs " << epochs << ": shards " << found.shards << ", spread " << found.spread);
    CHECK(std::abs(found.shards - 1) < 0.01);
    CHECK(std::abs(found.spread - 1) < 0.01);
}

}  // namespace

TEST_CASE("permutation: each item stands at one position, and inverse finds it") {
    for (const std::uint64_t n : {0, 1, 2, 3, 5, 64, 100, 4095, 4096, 4097, 5000, 8191, 8192, 8193, 70001}) {
        INFO("n " << n);
        const Permutation order = record_order(3, 1, n);
        REQUIRE(order.size() == n);
        std::vector<bool> seen(n);
        for (std::uint64_t i = 0; i < n; ++i) {
            const std::uint64_t item = order.at(i);
            REQUIRE(item < n);
            REQUIRE_FALSE(seen[item]);
            seen[item] = true;
            REQUIRE(order.inverse(item) == i);
        }
    }
}

TEST_CASE("permutation: sizes up to 2^64 - 1 hold") {
    for (const std::uint64_t n : {0x1'0000'0001ull, 1'000'000'000'000ull, ~0ull}) {
        const Permutation order = record_order(3, 1, n);
        for (std::uint64_t i = 0; i < 2000; ++i) {
            REQUIRE(order.at(n - 1 - i) < n);
            REQUIRE(order.inverse(order.at(n - 1 - i)) == n - 1 - i);
        }
    }
}

TEST_CASE("permutation: the order is the same on every machine") {
    const auto first = [](std::uint64_t n) {
        const Permutation order = record_order(7, 2, n);
        return std::vector{order.at(0), order.at(1), order.at(2), order.at(n - 1)};
    };
    CHECK(first(10) == std::vector<std::uint64_t>{6, 5, 1, 0});
    CHECK(first(5000) == std::vector<std::uint64_t>{4953, 3569, 4565, 1501});
    CHECK(first(1000000000000) ==
          std::vector<std::uint64_t>{339990988779, 83010231466, 407877444388, 488284840693});
}

TEST_CASE("permutation: what is not in it is refused") {
    CHECK(failure([] { record_order(1, 1, 10).at(10); }) ==
          "order: found item 10, expected below 10, the size of the permutation");
    CHECK_FALSE(failure([] { record_order(1, 1, 5000).inverse(5000); }).empty());
    CHECK_FALSE(failure([] { record_order(1, 1, 0).at(0); }).empty());
}

TEST_CASE("battery: positions, neighbours and epochs of few records are as chance has them") {
    for (const std::uint64_t n : {2, 3, 8, 24}) {
        INFO("n " << n);
        CHECK(std::abs(positions_z(n, 20000)) < 4);
        CHECK(std::abs(epochs_z(n, 20000)) < 4);
        if (n > 2) CHECK(std::abs(neighbours_z(n, 20000)) < 4);
    }
    CHECK(std::abs(neighbours_z(4097, 40000)) < 4);
    CHECK(std::abs(epochs_z(4097, 40000)) < 4);
}

TEST_CASE("battery: shards and spread are within 1 % of a true shuffle's, between epochs too") {
    const ScoreSample sample{.shard = 512, .batch = 64, .batches = 60000};
    check_score(100000, sample, 1);
    check_score(100000, sample, 2);
    check_score(16800000, sample, 1);
}

TEST_CASE("battery: the full size, few records", "[.long]") {
    for (const std::uint64_t n : {2, 3, 4, 8, 24, 100, 1000}) {
        INFO("n " << n);
        CHECK(std::abs(epochs_z(n, 400000 / (n >= 1000 ? 4 : 1))) < 4);
        if (n > 2) CHECK(std::abs(neighbours_z(n, 400000 / (n >= 1000 ? 4 : 1))) < 4);
        if (n <= 100) CHECK(std::abs(positions_z(n, 100000)) < 4);
    }
    for (const std::uint64_t n : {4097, 5000, 8191, 8193, 16385}) {
        INFO("n " << n);
        CHECK(std::abs(epochs_z(n, 400000)) < 4);
        CHECK(std::abs(neighbours_z(n, 400000)) < 4);
    }
}

TEST_CASE("battery: the full size, up to 10^12 records", "[.long]") {
    const ScoreSample sample{.shard = 8192, .batch = 1024, .batches = 60000};
    for (const std::uint64_t n : {std::uint64_t{100000}, std::uint64_t{1} << 20, (std::uint64_t{1} << 20) + 1,
                                  std::uint64_t{10000000}, std::uint64_t{16800000}, std::uint64_t{50000000},
                                  std::uint64_t{1000000000}, std::uint64_t{1000000000000}}) {
        check_score(n, sample, 1);
        check_score(n, sample, 2);
    }
}

TEST_CASE("battery: it fails what does not mix") {
    const std::uint64_t n = 100000;
    const ScoreSample sample{.records = n, .shard = 512, .batch = 64, .batches = 1562};
    const auto score_of = [&](auto at) {
        return score_order(sample, [&](std::uint64_t number, std::span<std::uint64_t> records) {
            for (std::uint64_t i = 0; i < records.size(); ++i) records[i] = at(number * 64 + i);
        });
    };
    const OrderScore files = score_of([](std::uint64_t i) { return i; });
    CHECK(files.shards < 0.05);
    CHECK(files.spread > 7);
    CHECK(score_of([&](std::uint64_t i) { return i * 61803 % n; }).spread < 0.5);
}
