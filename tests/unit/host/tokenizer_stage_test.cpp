// Whatever a tokenizer gives back that cannot be is caught before anybody uses it.
#include <embedloom/host/tokenizer_stage.h>

#include "liars.h"

using namespace liars;

namespace {

const std::string first = "abc", second = "\xC3\xA9";
const std::vector<el_text> texts{{first.data(), first.size()}, {second.data(), second.size()}};
constexpr std::uint32_t everything = EL_WANT_OFFSETS | EL_WANT_WORDS;

Outcome encode(const std::string& lie, const EncodeCall& call = {texts, EL_NONE, everything}) {
    Services services;
    Columns columns(1 << 20);
    return TokenizerStage(make(EL_KIND_TOKENIZER, lie, services)).encode(0, call, columns);
}

}  // namespace

TEST_CASE("tokenizer: an honest answer passes and is read as it is") {
    Services services;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "none", services));
    Columns columns;
    REQUIRE(tokenizer.encode(1, {texts, 2, everything}, columns));
    const auto results = columns.get<el_encoded>(EL_ENCODE_RESULTS);
    REQUIRE(results.size() == 2);
    CHECK(results[0].finished == 0);
    CHECK(results[1].end == 4);
    const auto ids = columns.get<std::uint32_t>(EL_ENCODE_IDS);
    CHECK(std::vector(ids.begin(), ids.end()) == std::vector<std::uint32_t>{1, 2, 3, 9});
    REQUIRE(tokenizer.decode(ids, TokenizerStage::Special::keep, columns));
    CHECK(columns.text(EL_DECODE_BYTES) == "bcdj");
    CHECK(tokenizer.find("d") == 3);
    CHECK(tokenizer.find("zz") == EL_NONE);
    CHECK(tokenizer.vocabulary().vocab_size == 16);
}

TEST_CASE("tokenizer: an empty call and an empty text are answered") {
    CHECK(encode("none", {{}, EL_NONE, everything}));
    const std::vector<el_text> empty{{nullptr, 0}};
    CHECK(encode("none", {empty, EL_NONE, everything}));
}

TEST_CASE("tokenizer: results that contradict each other or the texts are caught") {
    CHECK(caught(encode("one result more")) == "72 bytes of results from encode");
    CHECK(caught(encode("half a result")) == "56 bytes of results from encode");
    CHECK(caught(encode("one id more")) == "6 ids from encode");
    CHECK(caught(encode("half an id")) == "22 bytes of ids from encode");
    CHECK(caught(encode("one offset more")) == "44 bytes of offsets from encode");
    CHECK(caught(encode("one word more")) == "24 bytes of words from encode");
    CHECK(caught(encode("descending ends")) == "text 1 with tokens 3 to 0, 2 bytes read, code 0, finished 1 from encode");
    CHECK(caught(encode("read too far")) == "text 0 with tokens 0 to 3, 4 bytes read, code 0, finished 1 from encode");
    CHECK(caught(encode("a number for finished")) == "text 0 with tokens 0 to 3, 3 bytes read, code 0, finished 2 from encode");
    CHECK(caught(encode("tokens beside a code")) == "text 0 with tokens 0 to 3, 3 bytes read, code 65, finished 1 from encode");
}

TEST_CASE("tokenizer: a text may stop early only when enough tokens are there") {
    CHECK(caught(encode("stops early")) == "text 0 with tokens 0 to 3, 3 bytes read, code 0, finished 0 from encode");
    CHECK(encode("stops early", {texts, 2, 0}));
    CHECK(caught(encode("stops early", {texts, 3, 0})) ==
          "text 1 with tokens 3 to 5, 2 bytes read, code 0, finished 0 from encode");
}

TEST_CASE("tokenizer: ids outside the vocabulary and offsets outside the text are caught") {
    CHECK(caught(encode("large id")) == "id 16 from encode");
    CHECK(caught(encode("offset outside")) == "text 0 has a token outside it from encode");
    CHECK(caught(encode("backward offset")) == "text 0 has a token outside it from encode");
    CHECK(encode("offset outside", {texts, EL_NONE, EL_WANT_WORDS}));
}

TEST_CASE("tokenizer: a text with a code has a reason, and no code of the machine passes for a text's") {
    const Outcome bad = encode("bad without a reason");
    REQUIRE(bad);
    REQUIRE(bad.problems.size() == 1);
    CHECK(bad.problems[0].item == 1);
    CHECK(bad.problems[0].error.code == base::Code::bad_data);
    CHECK(encode("machine code").status == EL_IO);
    CHECK(encode("unknown code").status == EL_INTERNAL);
}

TEST_CASE("tokenizer: a call's failure keeps its status and always has a reason") {
    CHECK(caught(encode("throws")) == "an exception that left the plugin");
    CHECK(encode("throws").problems[0].error.cause == "thrown across the border");
    CHECK(caught(encode("throws a number")) == "an exception that left the plugin");
    CHECK(caught(encode("unknown status")) == "status 4711");
    const Outcome silent = encode("silent status");
    CHECK(silent.status == EL_BAD_DATA);
    CHECK(silent.problems.at(0).error.found == "a refusal without a reason");
    CHECK(encode("cancelled").status == EL_CANCELLED);
    CHECK(encode("eats all").status == EL_RESOURCES);
}

TEST_CASE("tokenizer: problems are read whatever their sizes say, and kept to a number") {
    const Outcome outcome = encode("bad problem");
    CHECK(outcome.status == EL_BAD_DATA);
    REQUIRE(outcome.problems.size() == 2);
    CHECK(outcome.problems[1].error.code == base::Code::internal);
    CHECK(outcome.problems[1].error.found == std::string("\xFF\0x", 3));
    CHECK(outcome.problems[1].item == 99);
    CHECK(encode("flood").problems.size() == 65536);
    CHECK(encode("blames nobody").problems.at(0).item == EL_NONE);
}

TEST_CASE("tokenizer: bytes written beyond what was reserved are caught") {
    CHECK(caught(encode("writes too far")) == "bytes beyond what was reserved of column 1 from encode");
    CHECK(caught(encode("commits too much")) == "bytes beyond what was reserved of column 1 from encode");
    CHECK(encode("another column"));
}

TEST_CASE("tokenizer: facts that cannot be are refused when the stage is made") {
    Services services;
    const auto facts = [&](const std::string& lie) {
        return thrown([&] { TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, lie, services)); });
    };
    CHECK(facts("special outside").found == "special id 16 from vocabulary");
    CHECK(facts("no vocabulary").found == "0 tokens from vocabulary");
    CHECK(facts("no facts").code == base::Code::internal);
    CHECK(facts("refuse").key_path == "tokenizer.lie");
    CHECK(facts("throw").found == "an unknown exception");
}

TEST_CASE("tokenizer: an id that find could not mean is none, and pieces must fit their ends") {
    Services services;
    CHECK(TokenizerStage(make(EL_KIND_TOKENIZER, "finds too much", services)).find("a") == EL_NONE);
    Columns columns;
    const TokenizerStage tokenizer(make(EL_KIND_TOKENIZER, "wrong pieces", services));
    CHECK(caught(tokenizer.pieces(std::vector<std::uint32_t>{1}, columns)) == "ends of pieces up to 99 from pieces");
}
