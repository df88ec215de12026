// States of ranks: their text, merging, and what is refused by name.
#include <embedloom/loom/checkpoint.h>

#include "support.h"
#include "support/catch.hpp"

using namespace loom_test;

namespace {

/// Rank `rank` of 2 after step 7, which knows the lanes that are not 0, 0.
Checkpoint part(std::uint32_t rank, std::vector<Cursor> cursors) {
    Checkpoint checkpoint{.rank = rank, .world = 2};
    checkpoint.state = {.step = 7, .epoch = 1, .cursors = std::move(cursors)};
    for (const Cursor& cursor : checkpoint.state.cursors) checkpoint.known.push_back(cursor != Cursor{});
    checkpoint.fingerprint = "sha256:ab";
    checkpoint.ledger = {.read = 10, .emitted = 8, .pending = 3, .elsewhere = rank ? 2 : -1};
    return checkpoint;
}

const Checkpoint left = part(0, {{4, 2}, {5, 1}, {0, 0}, {0, 0}});
const Checkpoint right = part(1, {{0, 0}, {5, 1}, {2, 9}, {7, 3}});

std::string merge_failure(std::vector<Checkpoint> checkpoints) {
    return failure([&] { merge(checkpoints); });
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

template <class Change>
Checkpoint changed(Checkpoint checkpoint, Change&& change) {
    change(checkpoint);
    return checkpoint;
}

}  // namespace

TEST_CASE("checkpoint: the text says everything and is read back") {
    const std::string text = to_json(left);
    CHECK(text ==
          R"({"version":1,"step":7,"epoch":1,"ended":false,"rank":0,"world":2,"fingerprint":"sha256:ab",)"
          R"("cursors":[[4,2],[5,1],null,null],"ledger":{"elsewhere":-1,"split":0,"read":10,"emitted":8,"filtered":0,)"
          R"("skipped":0,"quarantined":0,"cut_at_tail":0,"pending":3,"repeats":0},"check":"dafa20e262d61c67"})");
    CHECK(checkpoint_from_json(text) == left);
    const Checkpoint whole = merge(std::vector{left, right});
    CHECK(checkpoint_from_json(to_json(whole)) == whole);
}

TEST_CASE("checkpoint: spaces and the order of keys do not matter") {
    const std::string text = R"( { "check" : "cd83d23473c637fc", "ledger" : {"read":1,"emitted":1,"filtered":0,"skipped":0,"quarantined":0,
        "cut_at_tail":0,"pending":0,"repeats":0,"split":-4,"elsewhere":0}, "cursors":[ [1, 2] , null ], "fingerprint":"",
        "world":1, "rank":null, "ended":true, "epoch":0, "step":3, "version":1 } )";
    const Checkpoint checkpoint = checkpoint_from_json(text);
    CHECK(checkpoint.state.cursors[0] == Cursor{1, 2});
    CHECK(checkpoint.known == std::vector<bool>{true, false});
    CHECK(checkpoint.state.ended);
    CHECK(checkpoint.ledger.split == -4);
}

TEST_CASE("checkpoint: the text of 64 lanes with the largest numbers is below 4 KiB") {
    const std::uint64_t large = (std::uint64_t{1} << 62) - 1;
    Checkpoint checkpoint{.state = {.step = large, .epoch = large}, .fingerprint = std::string(64, 'f')};
    checkpoint.state.cursors.assign(64, {large, large});
    checkpoint.ledger = {large, large, large, large, large, large, large, -4611686018427387903, -4611686018427387903, large};
    CHECK(to_json(checkpoint).size() < 4096);
    CHECK(checkpoint_from_json(to_json(checkpoint)) == checkpoint);
}

TEST_CASE("checkpoint: every damage to the text is found, with its byte") {
    const std::string text = to_json(left);
    const auto reads = [](const std::string& damaged) {
        return failure([&] { checkpoint_from_json(damaged); });
    };
    for (std::size_t size = 0; size < text.size(); ++size) REQUIRE_FALSE(reads(text.substr(0, size)).empty());
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string damaged = text;
        damaged[at] = '\x01';
        REQUIRE_FALSE(reads(damaged).empty());
        REQUIRE_FALSE(reads(text.substr(0, at) + "{" + text.substr(at)).empty());
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] < '0' || text[at] > '9') continue;
        std::string damaged = text;
        damaged[at] = damaged[at] == '9' ? '8' : static_cast<char>(damaged[at] + 1);
        REQUIRE_FALSE(reads(damaged).empty());
    }
    CHECK(reads(text + "x") ==
          "byte " + std::to_string(text.size()) + ": state: found text behind the end, expected nothing");
    CHECK(has(reads(std::string(text).replace(text.find("[4,2]"), 5, "[4,3]")), "the state was changed after it was written"));
    const auto with = [&](const std::string& what, const std::string& by) {
        return reads(std::string(text).replace(text.find(what), what.size(), by));
    };
    CHECK(with("\"step\":7", "\"step\":07").ends_with("found something else, expected a whole number"));
    CHECK(with("\"step\":7", "\"step\":-7").ends_with("found something else, expected a whole number"));
    CHECK(with("\"step\":7", "\"step\":7.0").ends_with("found something else, expected ','"));
    CHECK(has(reads(text.substr(0, text.find(",\"check")) + "}"), "found no more keys, expected each of version step epoch"));
    CHECK(with("\"step\":7", "\"step\":4611686018427387904").ends_with("expected a whole number below 2^62"));
    CHECK(with("\"step\":7", "\"step\":99999999999999999999999").ends_with("a whole number below 2^62"));
    CHECK(has(with("\"step\":7", "\"stop\":7"), "byte 13: state: found the key stop, expected each of"));
    CHECK(has(with("\"step\":7", "\"epoch\":7"), "a second key epoch"));
    CHECK(with("\"elsewhere\":-1", "\"elsewhere\":- 1").ends_with("expected a digit"));
    CHECK(with("\"world\":2", "\"world\":4294967296").ends_with("expected a number below 2^32"));
    CHECK(with("\"version\":1", "\"version\":2").ends_with("found version 2, expected version 1"));
    CHECK(with("sha256:ab", "a\\\"b").ends_with("expected a letter, digit or one of -_.:+/="));
    CHECK(reads(std::string((1 << 20) + 1, ' ')).ends_with("found a longer text, expected at most 1 MiB"));
}

TEST_CASE("checkpoint: the states of all ranks of one step merge into a whole, in any order") {
    const Checkpoint whole = merge(std::vector{right, left});
    CHECK(whole.is_whole());
    CHECK(whole.state.cursors == std::vector<Cursor>{{4, 2}, {5, 1}, {2, 9}, {7, 3}});
    CHECK(whole.ledger == Ledger{.read = 20, .emitted = 16, .pending = 6, .elsewhere = 1});
    CHECK_FALSE(whole.rank);
    CHECK(whole == merge(std::vector{left, right}));
}

TEST_CASE("checkpoint: states that do not belong together are refused by name") {
    CHECK(merge_failure({}) == "state: found no state, expected the states of all ranks");
    CHECK(merge_failure({left}) == "state: found no state of rank 1, expected the states of all 2 ranks");
    CHECK(merge_failure({left, left}) == "state: found the state of rank 0 twice, expected each rank once");
    const auto beside_left = [&](auto change) { return merge_failure({left, changed(right, change)}); };
    CHECK(beside_left([](Checkpoint& c) { c.state.step = 8; }) ==
          "state: found the state of rank 1 with step 8, expected step 7, as in the state of rank 0; merge "
          "states that all ranks took after the same step");
    CHECK(has(beside_left([](Checkpoint& c) { c.fingerprint = "x"; }), "with fingerprint x"));
    CHECK(has(beside_left([](Checkpoint& c) { c.world = 3; }), "with world size 3"));
    CHECK(has(beside_left([](Checkpoint& c) { c.state.epoch = 0; }), "with epoch 0"));
    CHECK(has(beside_left([](Checkpoint& c) { c.state.ended = true; }), "with ended 1"));
    CHECK(has(beside_left([](Checkpoint& c) { c.state.cursors.pop_back(); }), "lanes 3"));
    CHECK(has(beside_left([](Checkpoint& c) { c.rank = 2; }), "below the world size 2"));
    CHECK(has(beside_left([](Checkpoint& c) { c.rank = std::nullopt; }), "a merged state"));
    CHECK(beside_left([](Checkpoint& c) { c.state.cursors[1].row = 2; }) ==
          "state: found the state of rank 1 with another cursor of lane 1, expected the same in all "
          "ranks' states");
    CHECK(beside_left([](Checkpoint& c) { c.known[3] = false; }) ==
          "state: found lanes that no rank knows: 3, expected a cursor for each lane");
}

TEST_CASE("checkpoint: a whole state is good for any world, a part for its own rank alone") {
    const Shape own{.windows = 8, .lanes = 4, .batch = 8, .rank = 1, .world = 2};
    Shape other = own;
    other.world = 4;
    const auto refusal = [](const Checkpoint& checkpoint, const Shape& shape, const char* id = "sha256:ab") {
        return failure([&] { check_resume(checkpoint, shape, id); });
    };
    Checkpoint whole = merge(std::vector{left, right});
    whole.state.cursors[2].window = 6;
    CHECK(refusal(whole, own).empty());
    CHECK(refusal(whole, other).empty());
    CHECK(refusal(whole, own, "sha256:cd") ==
          "state: found fingerprint sha256:ab, expected sha256:cd; the state belongs to other data, "
          "plugins or another config");
    CHECK(has(refusal(whole, {.windows = 8, .lanes = 2, .batch = 8}), "a state of 4 lanes"));
    const std::string part_refusal =
        "state: found the state of rank 1 of 2, which does not know lanes 0, expected a whole state for rank "
        "1 of 4; merge the states of all ranks first";
    CHECK(refusal(right, other) == part_refusal);
    CHECK_FALSE(refusal(left, own).empty());
}

TEST_CASE("checkpoint: a part resumes its own rank, whatever stands for the lanes it does not know") {
    const Shape own{.windows = 8, .lanes = 4, .batch = 8, .rank = 0, .world = 2};
    CHECK(failure([&] { check_resume(left, own, "sha256:ab"); }).empty());
}

TEST_CASE("checkpoint: the counters go on once, merged ones at rank 0") {
    const Checkpoint whole = merge(std::vector{left, right});
    const Shape first{.world = 2}, second{.rank = 1, .world = 2};
    CHECK(ledger_of_rank(whole, first) == whole.ledger);
    CHECK(ledger_of_rank(whole, second) == Ledger{});
    CHECK(ledger_of_rank(right, second) == right.ledger);
    CHECK(ledger_of_rank(right, first) == Ledger{});
}

TEST_CASE("ledger: what was read is what is accounted for, or the difference is told") {
    Ledger first{.read = 10,
                 .emitted = 4,
                 .filtered = 1,
                 .skipped = 1,
                 .quarantined = 1,
                 .cut_at_tail = 1,
                 .pending = 1,
                 .elsewhere = 1,
                 .repeats = 99};
    const Ledger second{.read = 2, .emitted = 3, .elsewhere = -1};
    CHECK(first.balance() == 0);
    CHECK(second.balance() == 0);
    first.merge(second);
    CHECK(first.balance() == 0);
    CHECK(first.elsewhere == 0);
    first.emitted += 1;
    CHECK(first.balance() == -1);
    CHECK(Ledger{.read = 5, .emitted = 3}.balance() == 2);
    CHECK(Ledger{.read = 5, .emitted = 7, .skipped = 1, .split = 3}.balance() == 0);
}
