// What ports of WordPiece get wrong, one claim each; the expected values were asked of Hugging Face
// tokenizers 0.22.2.
#include "support/catch.hpp"
#include "wordpiece_fixture.h"

using namespace wordpiece_test;

namespace {

/// The words of a text by their bytes: with nothing in the vocabulary each word is one unknown token.
std::vector<std::string> words_of(const BertSwitches& switches, std::string_view text) {
    std::vector<std::string> words;
    for (const TwinToken& token : tokens_of(toy({}, switches), text))
        words.emplace_back(text.substr(token.begin, token.end - token.begin));
    return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("wordpiece: strip_accents not given follows lowercase") {
    const WordPieceSpec uncased = toy({"e", "\u00E9"});
    CHECK(tokens_of(uncased, "\u00C9")[0].id == 1);
    CHECK(tokens_of(toy({"e", "\u00C9"}, {.lowercase = false}), "\u00C9")[0].id == 2);
    CHECK(tokens_of(toy({"e", "\u00E9"}, {.strip_accents = false}), "\u00C9")[0].id == 2);
    CHECK(tokens_of(toy({"E", "\u00C9"}, {.strip_accents = true, .lowercase = false}), "\u00C9")[0].id == 1);
}

TEST_CASE("wordpiece: U+2B820 to U+2B91F are not set apart, U+2B920 is") {
    CHECK(words_of({}, "a\U0002B820b") == Words{"a\U0002B820b"});
    CHECK(words_of({}, "a\U0002B920b") == Words{"a", "\U0002B920", "b"});
    CHECK(words_of({.handle_chinese_chars = false}, "a\u4E00b") == Words{"a\u4E00b"});
}

TEST_CASE("wordpiece: control characters vanish inside words, unassigned code points stay") {
    CHECK(words_of({}, std::string_view("a\0b\x7F"
                                        "c",
                                        5)) == Words{std::string("a\0b\x7F"
                                                                 "c",
                                                                 5)});
    CHECK(tokens_of(toy({"abc"}), std::string_view("a\0b\x7F"
                                                   "c",
                                                   5)) == Tokens{{1, 0, 5, 0}});
    CHECK(tokens_of(toy({"a\u0378"}), "a\u0378")[0].id == 1);
    CHECK(words_of({}, "\u200B\uFFFD\x01").empty());
    CHECK(words_of({.clean_text = false},
                   "a\x0B"
                   "b\u0085c") == Words{"a", "b", "c"});
    CHECK(tokens_of(toy({"abc"}),
                    "a\x0B"
                    "b\u0085c") == Tokens{{1, 0, 6, 0}});
}

TEST_CASE("wordpiece: lower case is per character") {
    CHECK(tokens_of(toy({"\u03C3\u03C3"}), "\u03A3\u03A3")[0].id == 1);
    CHECK(tokens_of(toy({"i\u0307"}, {.strip_accents = false}), "\u0130") == Tokens{{1, 0, 2, 0}});
    CHECK(tokens_of(toy({"\u00DF"}), "\u1E9E")[0].id == 1);
}

TEST_CASE("wordpiece: punctuation is that of ASCII and of Unicode 8") {
    CHECK(words_of({}, "a$b`c~d") == Words{"a", "$", "b", "`", "c", "~", "d"});
    CHECK(words_of({}, "a\u20ACb\u00D7c") == Words{"a\u20ACb\u00D7c"});
    CHECK(words_of({}, "a\u2E42b") == Words{"a", "\u2E42", "b"});
    CHECK(words_of({}, "a\u2E44b") == Words{"a\u2E44b"});
    CHECK(words_of({}, "a\u037Eb") == Words{"a", "\u037E", "b"});
}

TEST_CASE("wordpiece: a word of more characters than allowed is one unknown token over all of it") {
    WordPieceSpec spec = toy({"a", "##a", "ab"});
    spec.max_chars_per_word = 3;
    CHECK(tokens_of(spec, "aaa") == Tokens{{1, 0, 1, 0}, {2, 1, 2, 0}, {2, 2, 3, 0}});
    CHECK(tokens_of(spec, "aaaa") == Tokens{{0, 0, 4, 0}});
    // Counted after normalization: the accents are gone, the characters longer.
    CHECK(tokens_of(spec, "a\u0301\u0301\u0301") == Tokens{{1, 0, 1, 0}});
    CHECK(tokens_of(spec, "ab\u4E00") == Tokens{{3, 0, 2, 0}, {0, 2, 5, 1}});
    spec.max_chars_per_word = 1;
    CHECK(tokens_of(spec, "a\u20ACa") == Tokens{{0, 0, 5, 0}});
    spec.max_chars_per_word = 0;
    CHECK(tokens_of(spec, "a\u20AC") == Tokens{{0, 0, 4, 0}});
}

TEST_CASE("wordpiece: one missing piece makes the whole word unknown") {
    CHECK(tokens_of(toy({"un", "##aff"}), "unaffy x un") ==
          Tokens{{0, 0, 6, 0}, {0, 7, 8, 1}, {1, 9, 11, 2}});
}

TEST_CASE("wordpiece: offsets leave out a mark that is stripped at the end and span one inside") {
    CHECK(tokens_of(toy({"e"}), "e\u0301") == Tokens{{1, 0, 1, 0}});
    CHECK(tokens_of(toy({"caf", "##es"}), "cafe\u0301s") == Tokens{{1, 0, 3, 0}, {2, 3, 7, 0}});
}

TEST_CASE("wordpiece: marks are sorted, the places they stand for are not") {
    // U+0301 has class 230, U+0F71 129; with U+0F71 not stripped the word is a, U+0F71 at the place of the
    // first mark.
    const WordPieceSpec spec = toy({"a", "##\u302E"});
    CHECK(tokens_of(spec, "a\u0301\u302E") == Tokens{{1, 0, 1, 0}, {2, 1, 3, 0}});
}

TEST_CASE("wordpiece: a Hangul syllable is cut into jamo that all stand for it") {
    CHECK(tokens_of(toy({"\u1112", "##\u1161", "##\u11AB"}), "x \uD55C") ==
          Tokens{{0, 0, 1, 0}, {1, 2, 5, 1}, {2, 2, 5, 1}, {3, 2, 5, 1}});
}

TEST_CASE("wordpiece: another prefix for the pieces inside words") {
    WordPieceSpec spec = toy({"un", "@@able"});
    spec.continuing_prefix = "@@";
    CHECK(tokens_of(spec, "unable") == Tokens{{1, 0, 2, 0}, {2, 2, 6, 0}});
}
