// Masked language modelling: which tokens become targets, and what they become.
#include <embedloom/abi/objective.h>

#include <cmath>

#include "support/catch.hpp"
#include "support/plugin_bench.h"

extern "C" const el_plugin mlm_plugin;

using namespace embedloom::support;

namespace {

constexpr std::uint32_t mask = 103, vocab_size = 1000;
constexpr el_vocabulary vocabulary{sizeof(el_vocabulary), vocab_size, 100, 101, 102, 0, mask, EL_NONE, EL_NONE};

/// Rows of one length with a special token at each end.
struct Rows {
    Rows(std::uint64_t count, std::uint32_t length) {
        for (std::uint64_t row = 0; row < count; ++row) {
            for (std::uint32_t i = 0; i < length; ++i) {
                ids.push_back(200 + i);
                special.push_back(i == 0 || i + 1 == length);
                words.push_back(special.back() ? EL_NONE : i / 3);
            }
            ends.push_back(ids.size());
            keys.push_back(el_key_for(7, 0, row, 1));
        }
    }
    el_objective_call call() const {
        return {sizeof(el_objective_call), 0, ends.size(), ends.data(), ids.data(), special.data(), words.data(), keys.data()};
    }
    std::vector<std::uint64_t> ends;
    std::vector<std::uint32_t> ids, words;
    std::vector<std::uint8_t> special;
    std::vector<el_key> keys;
};

struct Applied {
    std::vector<std::uint32_t> ids;
    std::vector<std::int64_t> labels;
    std::size_t targets(std::size_t begin, std::size_t end) const {
        return static_cast<std::size_t>(std::count_if(labels.begin() + static_cast<std::ptrdiff_t>(begin),
                                                      labels.begin() + static_cast<std::ptrdiff_t>(end),
                                                      [](std::int64_t label) { return label != -100; }));
    }
};

Applied apply(PluginBench& bench, const Rows& rows) {
    Results out(2);
    const PluginBench::Scratch scratch(bench);
    const el_objective_call call = rows.call();
    REQUIRE(bench.functions<el_objective_functions>().apply(bench.instance(), scratch.object, &call, out.abi(), bench.problems.abi()) ==
            EL_OK);
    const auto ids = out.values<std::uint32_t>(0);
    const auto labels = out.values<std::int64_t>(1);
    return {{ids.begin(), ids.end()}, {labels.begin(), labels.end()}};
}

void configure(PluginBench& bench) {
    bench.host.tokenizer = &vocabulary;
    REQUIRE(bench.configure() == EL_OK);
}

/// Within five standard deviations.
void check_share(std::size_t found, std::size_t trials, double share) {
    const double deviation = std::sqrt(static_cast<double>(trials) * share * (1 - share));
    CHECK(std::abs(static_cast<double>(found) - static_cast<double>(trials) * share) < 5 * deviation);
}

}  // namespace

TEST_CASE("mlm: 15 % become targets, 80 % of those masked, 10 % random, 10 % kept") {
    PluginBench bench(mlm_plugin, "mlm");
    configure(bench);
    const Rows rows(4000, 100);
    const Applied applied = apply(bench, rows);
    std::size_t targets = 0, masked = 0, kept = 0;
    for (std::size_t i = 0; i < rows.ids.size(); ++i) {
        if (applied.labels[i] == -100) {
            REQUIRE(applied.ids[i] == rows.ids[i]);
            continue;
        }
        REQUIRE_FALSE(rows.special[i]);
        REQUIRE(applied.labels[i] == rows.ids[i]);
        REQUIRE(applied.ids[i] < vocab_size);
        ++targets;
        masked += applied.ids[i] == mask;
        kept += applied.ids[i] == rows.ids[i];
    }
    check_share(targets, 4000 * 98, 0.15);
    check_share(masked, targets, 0.8);
    check_share(kept, targets, 0.1 + 0.1 / vocab_size);
}

TEST_CASE("mlm: a row's draw depends on its key alone, not on its neighbours") {
    PluginBench bench(mlm_plugin, "mlm");
    configure(bench);
    const Rows many(3, 40);
    Rows last(1, 40);
    last.keys = {many.keys[2]};
    const Applied all = apply(bench, many), one = apply(bench, last);
    CHECK(std::vector<std::uint32_t>(all.ids.end() - 40, all.ids.end()) == one.ids);
    CHECK(std::vector<std::int64_t>(all.labels.end() - 40, all.labels.end()) == one.labels);
}

TEST_CASE("mlm: exact counts round half to even and are at least one") {
    struct Case {
        std::uint32_t length;
        std::size_t targets;
    };
    // round(0.15 * length), length with its special tokens: as google-research/bert.
    for (const Case& c : {Case{3, 1}, {7, 1}, {10, 2}, {30, 4}, {50, 8}, {70, 10}, {128, 19}, {512, 20}}) {
        PluginBench bench(mlm_plugin, "mlm");
        bench.set("count", "exact").set("max_predictions", 20);
        configure(bench);
        const Rows rows(5, c.length);
        const Applied applied = apply(bench, rows);
        for (std::size_t row = 0; row < 5; ++row) {
            CAPTURE(c.length, row);
            CHECK(applied.targets(row * c.length, (row + 1) * c.length) == c.targets);
        }
    }
}

TEST_CASE("mlm: whole words are targets as a whole") {
    for (const char* count : {"each", "exact"}) {
        PluginBench bench(mlm_plugin, "mlm");
        bench.set("count", count).set("whole_words", true);
        configure(bench);
        const Rows rows(200, 50);
        const Applied applied = apply(bench, rows);
        for (std::size_t i = 1; i < rows.ids.size(); ++i)
            if (rows.words[i] != EL_NONE && rows.words[i] == rows.words[i - 1]) {
                CAPTURE(count, i);
                REQUIRE((applied.labels[i] == -100) == (applied.labels[i - 1] == -100));
            }
        CHECK(applied.targets(0, rows.ids.size()) > 0);
    }
}

TEST_CASE("mlm: an empty call and rows of special tokens alone make no target") {
    for (const char* count : {"each", "exact"}) {
        PluginBench bench(mlm_plugin, "mlm");
        bench.set("count", count);
        configure(bench);
        CHECK(apply(bench, Rows(0, 5)).ids.empty());
        const Applied applied = apply(bench, Rows(3, 2));
        CHECK(applied.targets(0, 6) == 0);
    }
}

TEST_CASE("mlm: shares over one and a tokenizer without a mask token are refused") {
    PluginBench shares(mlm_plugin, "mlm");
    shares.host.tokenizer = &vocabulary;
    CHECK(shares.set("mask", 0.8).set("random", 0.3).configure() == EL_BAD_CONFIG);
    CHECK(shares.problems.list.front().parameter == "random");
    PluginBench maskless(mlm_plugin, "mlm");
    const el_vocabulary none{sizeof(el_vocabulary), 10, 1, 2, 3, 0, EL_NONE, EL_NONE, EL_NONE};
    maskless.host.tokenizer = &none;
    CHECK(maskless.configure() == EL_BAD_CONFIG);
    CHECK(maskless.problems.found() == "a tokenizer without a mask token");
}
