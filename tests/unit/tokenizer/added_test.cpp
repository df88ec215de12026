// Added tokens in the text: which matches count, and what they take with them.
#include "support/catch.hpp"
#include "tokenizer/common/failure.h"
#include "wordpiece_fixture.h"

using namespace wordpiece_test;

namespace {

/// [UNK]=0, a=1, b=2, ##b=3, then the added tokens from 4.
WordPieceSpec with(std::vector<AddedToken> added, const BertSwitches& switches = {}) {
    WordPieceSpec spec = toy({"a", "b", "##b"}, switches);
    for (AddedToken& token : added) {
        token.id =
            static_cast<std::uint32_t>(spec.tokens.size() + spec.added.size() - 1);  // [UNK] is added, too
        spec.added.push_back(token);
    }
    return spec;
}

}  // namespace

TEST_CASE("added tokens: the special ones are found in the text as it is, one word each") {
    CHECK(tokens_of(with({}), "a[UNK]b [unk]") ==
          Tokens{{1, 0, 1, 0}, {0, 1, 6, 1}, {2, 6, 7, 2}, {0, 8, 9, 3}, {0, 9, 12, 4}, {0, 12, 13, 5}});
}

TEST_CASE("added tokens: leftmost, of these the longest") {
    const auto spec = with({{.content = "<ab"}, {.content = "<ab>c"}, {.content = "b>"}});
    CHECK(tokens_of(spec, "<ab>c") == Tokens{{5, 0, 5, 0}});
    CHECK(tokens_of(spec, "<ab>") == Tokens{{4, 0, 3, 0}, {0, 3, 4, 1}});
    CHECK(tokens_of(spec, "ab>") == Tokens{{1, 0, 1, 0}, {6, 1, 3, 1}});
}

TEST_CASE("added tokens: single_word needs borders that are not \\w") {
    const auto spec = with({{.content = "<m>", .single_word = true}});
    CHECK(tokens_of(spec, "<m>, <m>").front().id == 4);
    CHECK(tokens_of(spec, "a<m>") == Tokens{{1, 0, 1, 0}, {0, 1, 2, 1}, {0, 2, 3, 2}, {0, 3, 4, 3}});
    CHECK(tokens_of(spec, "<m>\u0330").front().id == 0);
    CHECK(tokens_of(spec, "-<m>-")[1] == TwinToken{4, 1, 4, 1});
}

TEST_CASE("added tokens: lstrip and rstrip take white space, but not what a match before has") {
    const auto spec = with({{.content = "<l>", .lstrip = true}, {.content = "<r>", .rstrip = true}});
    CHECK(tokens_of(spec, "a \t\u3000<l> b") == Tokens{{1, 0, 1, 0}, {4, 1, 9, 1}, {2, 10, 11, 2}});
    CHECK(tokens_of(spec, "<r>  <l>") == Tokens{{5, 0, 5, 0}, {4, 5, 8, 1}});
}

TEST_CASE("added tokens: a normalized one is found in the normalized text by its normalized form") {
    const auto spec = with({{.content = "<M>", .normalized = true}});
    CHECK(tokens_of(spec, "a<m>b<M>") == Tokens{{1, 0, 1, 0}, {4, 1, 4, 1}, {2, 4, 5, 2}, {4, 5, 8, 3}});
    CHECK(tokens_of(spec, "<\u1E3F>") == Tokens{{4, 0, 5, 0}});
    const auto cased = with({{.content = "<M>", .normalized = true}}, {.lowercase = false});
    CHECK(tokens_of(cased, "<m>").size() == 3);
}

TEST_CASE("added tokens: white space that the normalizer put beside an ideograph belongs to it") {
    const auto spec = with({{.content = "<l>", .lstrip = true, .normalized = true}});
    CHECK(tokens_of(spec, "\u4E00<l>") == Tokens{{0, 0, 3, 0}, {4, 0, 6, 1}});
}

TEST_CASE("added tokens: special_tokens: text leaves special ones as plain text") {
    auto spec = with({{.content = "<x>"}});
    spec.special_text = SpecialText::text;
    CHECK(tokens_of(spec, "[UNK]<x>") == Tokens{{0, 0, 1, 0}, {0, 1, 4, 1}, {0, 4, 5, 2}, {4, 5, 8, 3}});
}

TEST_CASE("added tokens: one of which normalizing leaves nothing is refused") {
    CHECK_THROWS_AS(WordPieceModel(with({{.content = "\u0301", .normalized = true}})), LoadFailure);
}

TEST_CASE("added tokens: find prefers them, and their ids follow the vocabulary") {
    const WordPieceModel model(with({{.content = "<x>"}}));
    CHECK(model.size() == 5);
    CHECK(model.find("<x>") == 4u);
    CHECK(model.find("a") == 1u);
    CHECK(model.find("") == std::nullopt);
    CHECK(model.find("nothing") == std::nullopt);
    CHECK(model.token(4) == "<x>");
}
