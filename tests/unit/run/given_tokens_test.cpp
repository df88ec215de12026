// Tokens that records come with take the place of a tokenizer's.
#include <embedloom/abi/source.h>
#include <embedloom/abi/tokenizer.h>
#include <embedloom/run/given_tokens.h>

#include <cstring>
#include <vector>

#include "support/catch.hpp"

using namespace embedloom;
using Ids = std::vector<std::uint32_t>;

namespace {

template <class T>
void put(host::Columns& columns, std::uint32_t column, const std::vector<T>& values) {
    const el_writer& writer = *columns.writer();
    std::memcpy(writer.reserve(writer.host, column, values.size() * sizeof(T)), values.data(), values.size() * sizeof(T));
    writer.commit(writer.host, column, values.size() * sizeof(T));
}

/// What is taken of the records [5 6 7], [], [8 900] and [9], of which the places are asked for.
struct Taken {
    Taken(const Ids& places, std::uint32_t wanted, std::uint64_t limit = host::Columns::no_limit) : out(limit) {
        host::Columns read;
        read.begin(3);
        put(read, EL_READ_ENDS(0), std::vector<std::uint64_t>{3, 3, 5, 6});
        put(read, EL_READ_VALUES(0), Ids{5, 6, 7, 8, 900, 9});
        outcome = run::take_tokens({.read = read, .field = 0, .name = "input_ids", .places = places, .wanted = wanted, .vocab_size = 100}, out);
    }
    Ids ids() const {
        const auto found = out.get<std::uint32_t>(EL_ENCODE_IDS);
        return {found.begin(), found.end()};
    }
    std::vector<std::uint64_t> ends() const {
        std::vector<std::uint64_t> found;
        for (const el_encoded& result : out.get<el_encoded>(EL_ENCODE_RESULTS)) found.push_back(result.end);
        return found;
    }
    host::Columns out;
    host::Outcome outcome;
};

}  // namespace

TEST_CASE("given tokens: those of the places that are wanted, in their order") {
    const Taken taken({0, 1, 3}, EL_NONE);
    REQUIRE(taken.outcome);
    CHECK(taken.ids() == Ids{5, 6, 7, 9});
    CHECK(taken.ends() == std::vector<std::uint64_t>{3, 3, 4});
}

TEST_CASE("given tokens: no more of each than are wanted") {
    const Taken taken({0, 3}, 2);
    CHECK(taken.ids() == Ids{5, 6, 9});
    const auto results = taken.out.get<el_encoded>(EL_ENCODE_RESULTS);
    CHECK(results[0].finished == 0);
    CHECK(results[1].finished == 1);
}

TEST_CASE("given tokens: a record with an id beyond the vocabulary has a code, no tokens, and a problem; also where that one is not wanted") {
    for (const std::uint32_t wanted : {EL_NONE, 1u}) {
        const Taken taken({0, 2, 3}, wanted);
        REQUIRE(taken.outcome);
        CHECK(taken.out.get<el_encoded>(EL_ENCODE_RESULTS)[1].code == EL_BAD_DATA);
        CHECK(taken.ends()[1] == taken.ends()[0]);
        REQUIRE(taken.outcome.problems.size() == 1);
        CHECK(taken.outcome.problems[0].item == 1);
        CHECK(taken.outcome.problems[0].error.found == "token 1 of input_ids is 900");
        CHECK(taken.outcome.problems[0].error.expected == "an id below 100, the tokenizer's vocabulary");
    }
}

TEST_CASE("given tokens: no memory is the machine's fault") { CHECK(Taken({0}, EL_NONE, 0).outcome.status == EL_RESOURCES); }
