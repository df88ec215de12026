// Ids that bert-base-uncased gives, over the part of its vocabulary that these texts need.
#include "support/catch.hpp"
#include "wordpiece_fixture.h"

using namespace wordpiece_test;

namespace {

struct Numbered {
    std::uint32_t id;
    const char* token;
};

const Numbered excerpt[] = {
    {0, "[PAD]"},
    {100, "[UNK]"},
    {101, "[CLS]"},
    {102, "[SEP]"},
    {103, "[MASK]"},
    {999, "!"},
    {1005, "'"},
    {1010, ","},
    {1012, "."},
    {1020, "6"},
    {1029, "?"},
    {1037, "a"},
    {1045, "i"},
    {1049, "m"},
    {1061, "y"},
    {1469, "\u1112"},
    {1864, "\u65E5"},
    {1876, "\u672C"},
    {1950, "\u8A9E"},
    {1984, "\uFB01"},
    {1996, "the"},
    {2000, "to"},
    {2001, "was"},
    {2003, "is"},
    {2005, "for"},
    {2015, "##s"},
    {2017, "you"},
    {2024, "are"},
    {2026, "my"},
    {2035, "all"},
    {2040, "who"},
    {2042, "been"},
    {2058, "over"},
    {2086, "years"},
    {2088, "world"},
    {2121, "##er"},
    {2129, "how"},
    {2158, "man"},
    {2166, "life"},
    {2214, "old"},
    {2253, "went"},
    {2310, "ve"},
    {2478, "using"},
    {2607, "course"},
    {2638, "##ne"},
    {2829, "brown"},
    {2878, "whole"},
    {2897, "network"},
    {2964, "##ism"},
    {3403, "waiting"},
    {3424, "anti"},
    {3468, "##ble"},
    {3565, "super"},
    {3573, "store"},
    {3672, "##ment"},
    {3722, "simple"},
    {3899, "dog"},
    {3928, "powerful"},
    {3958, "jim"},
    {3989, "##ization"},
    {4248, "quick"},
    {4275, "models"},
    {4355, "##est"},
    {4419, "fox"},
    {4588, "##tic"},
    {4667, "##ding"},
    {6313, "##ious"},
    {7592, "hello"},
    {7668, "cafe"},
    {7861, "em"},
    {7875, "##ab"},
    {8270, "##bed"},
    {9289, "##cal"},
    {10085, "##oc"},
    {10128, "##if"},
    {10140, "cute"},
    {10288, "##ex"},
    {10521, "##dis"},
    {10938, "transform"},
    {11510, "##eer"},
    {12172, "##face"},
    {12199, "##arian"},
    {12431, "ecole"},
    {13602, "##lish"},
    {13971, "lazy"},
    {13997, "puppet"},
    {14477, "una"},
    {14523, "jumps"},
    {15743, "naive"},
    {17662, "hugging"},
    {19081, "transformers"},
    {19204, "token"},
    {19312, "##pia"},
    {20961, "##ffa"},
    {21273, "##lid"},
    {24411, "##ilis"},
    {27227, "henson"},
    {29181, "##rag"},
    {29991, "##\u1100"},
    {29999, "##\u110B"},
    {30006, "##\u1161"},
    {30008, "##\u1165"},
    {30014, "##\u116E"},
    {30020, "##\u11A8"},
    {30021, "##\u11AB"},
};

/// The whole size of the vocabulary; what the texts do not need is filled with tokens that can match nothing.
WordPieceSpec bert() {
    std::vector<std::string> tokens(30522);
    for (std::size_t i = 0; i < tokens.size(); ++i) tokens[i] = "[filler " + std::to_string(i) + "]";
    for (const auto& [id, token] : excerpt) tokens[id] = token;
    return vocab_txt_spec(std::move(tokens), {}, {});
}

using Ids = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("wordpiece: the ids of bert-base-uncased") {
    const WordPieceModel model(bert());
    const std::pair<const char*, Ids> golden[] = {
        {"Transformers are powerful models.", {19081, 2024, 3928, 4275, 1012}},
        {"hello world", {7592, 2088}},
        {"Hello, world!", {7592, 1010, 2088, 999}},
        {"Hello, my dog is cute", {7592, 1010, 2026, 3899, 2003, 10140}},
        {"The quick brown fox jumps over the lazy dog.",
         {1996, 4248, 2829, 4419, 14523, 2058, 1996, 13971, 3899, 1012}},
        {"Using a Transformer network is simple", {2478, 1037, 10938, 2121, 2897, 2003, 3722}},
        {"I've been waiting for a HuggingFace course my whole life.",
         {1045, 1005, 2310, 2042, 3403, 2005, 1037, 17662, 12172, 2607, 2026, 2878, 2166, 1012}},
        {"Hello, y'all! How are you \xF0\x9F\x98\x81 ?",
         {7592, 1010, 1061, 1005, 2035, 999, 2129, 2024, 2017, 100, 1029}},
        {"unaffable", {14477, 20961, 3468}},
        {"embeddings tokenization", {7861, 8270, 4667, 2015, 19204, 3989}},
        {"supercalifragilisticexpialidocious",
         {3565, 9289, 10128, 29181, 24411, 4588, 10288, 19312, 21273, 10085, 6313}},
        {"antidisestablishmentarianism", {3424, 10521, 4355, 7875, 13602, 3672, 12199, 2964}},
        {"na\u00EFve caf\u00E9 \u00E9cole", {15743, 7668, 12431}},
        {"nai\u0308ve cafe\u0301", {15743, 7668}},
        {"\u65E5\u672C\u8A9E", {1864, 1876, 1950}},
        {"\uFB01ne", {1984, 2638}},
        {"\uD55C\uAD6D\uC5B4", {1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008}},
        {"the man went to [MASK] store", {1996, 2158, 2253, 2000, 103, 3573}},
        {"Who was Jim Henson ?", {2040, 2001, 3958, 27227, 1029}},
        {"Jim Henson was a puppeteer", {3958, 27227, 2001, 1037, 13997, 11510}},
        {"How old are you?", {2129, 2214, 2024, 2017, 1029}},
        {"I'm 6 years old", {1045, 1005, 1049, 1020, 2086, 2214}},
        {"", {}},
        {" \t\r\n", {}},
    };
    for (const auto& [text, ids] : golden) {
        CAPTURE(text);
        CHECK(ids_of(model, text) == ids);
    }
    CHECK(ids_of(model, std::string(101, 'A')) == Ids{100});
}

TEST_CASE("wordpiece: the toy vocabulary of Google's own test") {
    const WordPieceModel model(vocab_txt_spec(
        {"[UNK]", "[CLS]", "[SEP]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ","}, {}, {}));
    CHECK(ids_of(model, "UNwant\u00E9d,running") == Ids{7, 4, 5, 10, 8, 9});
    CHECK(ids_of(model, "unwantedX running") == Ids{0, 8, 9});
    CHECK(model.roles().unk == 0);
    CHECK(model.roles().cls == 1);
    CHECK(model.roles().sep == 2);
    CHECK(model.roles().mask == WordPieceModel::none);
}

TEST_CASE("wordpiece: decode joins pieces and tidies punctuation as Hugging Face does") {
    const WordPieceModel model(bert());
    CHECK(model.decode(Ids{101, 7592, 1010, 2088, 999, 102}, WordPieceModel::Specials::keep) ==
          "[CLS] hello, world! [SEP]");
    CHECK(model.decode(Ids{101, 7592, 1010, 2088, 999, 102}, WordPieceModel::Specials::skip) ==
          "hello, world!");
    CHECK(model.decode(Ids{14477, 20961, 3468}, WordPieceModel::Specials::keep) == "unaffable");
    CHECK(model.decode(Ids{2015, 2015, 99999999}, WordPieceModel::Specials::keep) == "##ss");
    CHECK(model.decode({}, WordPieceModel::Specials::keep).empty());
}
