// The closed forms of pair truncation against the reference loops, and golden values.
#include "common/truncation.h"

#include "support/catch.hpp"

using embedloom::plugins::PairLengths;
using embedloom::plugins::shorten;
using embedloom::plugins::Truncation;

namespace {

/// The loop of google-research/bert run_classifier.py, _truncate_seq_pair.
PairLengths google_loop(PairLengths lengths, std::uint64_t budget) {
    while (lengths.first + lengths.second > budget) (lengths.first > lengths.second ? lengths.first : lengths.second)--;
    return lengths;
}

}  // namespace

TEST_CASE("truncation: golden values of both longest-first rules") {
    struct Case {
        std::uint64_t first, second, budget;
        PairLengths google, hugging_face;
    };
    const Case cases[] = {{10, 10, 15, {8, 7}, {7, 8}},
                          {10, 12, 15, {8, 7}, {7, 8}},
                          {12, 10, 15, {8, 7}, {8, 7}},
                          {3, 20, 15, {3, 12}, {3, 12}},
                          {100, 4, 13, {9, 4}, {9, 4}}};
    for (const Case& c : cases) {
        CHECK(shorten({c.first, c.second}, c.budget, Truncation::longest_first_google) == c.google);
        CHECK(shorten({c.first, c.second}, c.budget, Truncation::longest_first) == c.hugging_face);
    }
}

TEST_CASE("truncation: google's closed form is its loop, for all small lengths") {
    for (std::uint64_t first = 0; first < 24; ++first)
        for (std::uint64_t second = 0; second < 24; ++second)
            for (std::uint64_t budget = 1; budget < 30; ++budget) {
                CAPTURE(first, second, budget);
                REQUIRE(shorten({first, second}, budget, Truncation::longest_first_google) ==
                        google_loop({first, second}, budget));
            }
}

TEST_CASE("truncation: a rule for one text leaves the other alone, or refuses") {
    CHECK(shorten({10, 10}, 15, Truncation::only_first) == PairLengths{5, 10});
    CHECK(shorten({10, 10}, 15, Truncation::only_second) == PairLengths{10, 5});
    CHECK_FALSE(shorten({4, 20}, 15, Truncation::only_first));
    CHECK_FALSE(shorten({15, 4}, 15, Truncation::only_second));
    CHECK(shorten({7, 8}, 15, Truncation::none) == PairLengths{7, 8});
    CHECK_FALSE(shorten({8, 8}, 15, Truncation::none));
}
