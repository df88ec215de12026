// Vocabulary files as they come: good ones, odd ones, and what is refused with which words.
#include "support/catch.hpp"
#include "tokenizer/common/failure.h"
#include "tokenizer/common/tokenizer_json.h"
#include "tokenizer/common/vocab_file.h"
#include "tokenizer/common/wordpiece_model.h"

using namespace embedloom::plugins;

namespace {

/// The failure of reading a vocab.txt, or of building the model of it.
LoadFailure txt_failure(std::string_view bytes) {
    try {
        WordPieceModel(vocab_txt_spec(read_vocab_txt(bytes), {}, {}));
    } catch (const LoadFailure& failure) {
        return failure;
    }
    return {"no failure", ""};
}

LoadFailure json_failure(const std::string& bytes) {
    try {
        WordPieceModel(read_tokenizer_json(bytes));
    } catch (const LoadFailure& failure) {
        return failure;
    }
    return {"no failure", ""};
}

/// A small tokenizer.json; `from` in it is replaced by `to`.
std::string json(const std::string& from = "", const std::string& to = "") {
    std::string text = R"({"version":"1.0","truncation":null,"padding":null,
"added_tokens":[{"id":0,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
 {"id":4,"content":"<x>","single_word":true,"lstrip":true,"rstrip":true,"normalized":true,"special":false}],
"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
"pre_tokenizer":{"type":"BertPreTokenizer"},
"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
 "pair":[],"special_tokens":{"s":{"id":"s","ids":[3],"tokens":["s"]}}},
"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":7,
 "vocab":{"[UNK]":0,"a":1,"##b":2,"s":3}}})";
    if (const std::size_t at = text.find(from); !from.empty() && at != text.npos)
        text.replace(at, from.size(), to);
    return text;
}

}  // namespace

TEST_CASE(
    "vocab.txt: carriage returns, a byte order mark and white space at line ends are no part of tokens") {
    CHECK(read_vocab_txt("\xEF\xBB\xBF[UNK]\r\na \t\u3000\r\nb") ==
          std::vector<std::string>{"[UNK]", "a", "b"});
    CHECK(read_vocab_txt("[UNK]\na\n\n\n") == std::vector<std::string>{"[UNK]", "a"});
}

TEST_CASE("vocab.txt: a duplicate and an empty line inside are refused with their lines") {
    const LoadFailure twice = txt_failure("[UNK]\na\nb\na\n");
    CHECK(twice.line == 4);
    CHECK(twice.found == "token \"a\" of line 2 again");
    CHECK(txt_failure("[UNK]\n\nb\n").line == 2);
}

TEST_CASE("vocab.txt: a file of another kind is called by its name") {
    const LoadFailure lfs = txt_failure("version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
    CHECK(lfs.found == "a Git-LFS pointer");
    CHECK(lfs.hint == "fetch the file itself: git lfs pull");
    CHECK(txt_failure("").found == "an empty file");
    CHECK(txt_failure("\n\n").found == "no token");
    CHECK(txt_failure("\n<!DOCTYPE html><html>").found == "an HTML page");
    CHECK(txt_failure("\x1F\x8B\x08").found == "a gzip file");
    CHECK(txt_failure("\xFF\xFE[").found == "UTF-16 text");
    const LoadFailure bad = txt_failure("[UNK]\na\xE9\nb\n");
    CHECK(bad.found == "bytes that are not UTF-8");
    CHECK(bad.byte == 7);
}

TEST_CASE("vocab.txt: a token of a megabyte and a missing unknown token are refused") {
    CHECK(txt_failure("[UNK]\n" + std::string(1 << 20, 'x')).found == "a token of 1048576 bytes");
    CHECK(txt_failure("a\nb\n").found == "no token \"[UNK]\"");
}

TEST_CASE("tokenizer.json: what a BERT file says is taken over") {
    const WordPieceSpec spec = read_tokenizer_json(json());
    CHECK(spec.tokens == std::vector<std::string>{"[UNK]", "a", "##b", "s"});
    CHECK(spec.max_chars_per_word == 7);
    CHECK(spec.added.size() == 2);
    CHECK(spec.added[1].id == 4);
    CHECK((spec.added[1].single_word && spec.added[1].lstrip && spec.added[1].rstrip &&
           spec.added[1].normalized && !spec.added[1].special));
    CHECK(spec.normalizer.size() == 5);
    CHECK(spec.roles.cls == "s");
    const WordPieceModel model(spec);
    CHECK(model.size() == 5);
    CHECK(model.roles().cls == 3);
    CHECK(model.fused().has_value());
    CHECK(json_failure(json()).found == "no failure");
}

TEST_CASE("tokenizer.json: normalizers that are simple are understood, alone and in a Sequence") {
    const std::string bert =
        R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true})";
    CHECK(read_tokenizer_json(json(bert, "null")).normalizer.empty());
    CHECK(
        read_tokenizer_json(
            json(
                bert,
                R"({"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]})"))
            .normalizer ==
        std::vector{NormalizerStep::decompose, NormalizerStep::drop_combining, NormalizerStep::lowercase});
    CHECK(json_failure(json(bert, R"({"type":"NFKC"})")).found == "normalizer.type: \"NFKC\"");
    CHECK(json_failure(json(bert, R"({"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"Strip"}]})"))
              .found == "normalizer.normalizers[1].type: \"Strip\"");
}

TEST_CASE("tokenizer.json: what is not understood is refused by its name") {
    CHECK(json_failure(json("\"type\":\"WordPiece\",\"unk", "\"type\":\"BPE\",\"unk")).found ==
          "model.type: \"BPE\"");
    CHECK(json_failure(json("BertPreTokenizer", "Whitespace")).found == "pre_tokenizer.type: \"Whitespace\"");
    CHECK(json_failure(json("{\"type\":\"BertPreTokenizer\"}", "null")).found == "pre_tokenizer: null");
    CHECK(json_failure(json("\"type\":\"WordPiece\",\"prefix\"", "\"type\":\"CTC\",\"prefix\"")).found ==
          "decoder.type: \"CTC\"");
    CHECK(json_failure(json("TemplateProcessing", "ByteLevel")).found ==
          "post_processor.type: \"ByteLevel\"");
    CHECK(json_failure(json("\"clean_text\"", "\"deep_clean\":1,\"clean_text\"")).found ==
          "an unknown field normalizer.\"deep_clean\"");
    CHECK(json_failure(json("\"cleanup\":true", "\"cleanup\":true,\"cleanup\":false")).found ==
          "decoder.cleanup twice");
    CHECK(json_failure(json("\"1.0\"", "\"2.0\"")).found == "version: \"2.0\"");
    CHECK(json_failure(json("\"lowercase\":true", "\"lowercase\":1")).found == "normalizer.lowercase: 1");
    CHECK(json_failure(json("\"max_input_chars_per_word\":7,", "")).found ==
          "no model.max_input_chars_per_word");
}

TEST_CASE(
    "tokenizer.json: ids with gaps, twice, negative or far away are refused, and nothing is sized by them") {
    CHECK(json_failure(json("\"a\":1", "\"a\":0")).found == "id 0 for \"a\" and \"[UNK]\"");
    CHECK(json_failure(json("\"a\":1", "\"a\":9")).found == "model.vocab[\"a\"] with id 9");
    CHECK(json_failure(json("\"a\":1", "\"a\":-1")).found == "model.vocab[\"a\"]: -1");
    CHECK(json_failure(json("\"a\":1", "\"a\":2147483648")).found == "model.vocab[\"a\"] with id 2147483648");
    CHECK(json_failure(json("\"a\":1", "\"a\":9223372036854775808")).found ==
          "model.vocab[\"a\"]: 9223372036854775808");
    CHECK(json_failure(json("\"a\":1", "\"[UNK]\":1")).found == "model.vocab with \"[UNK]\" twice");
    CHECK(json_failure(json("{\"[UNK]\":0,\"a\":1,\"##b\":2,\"s\":3}", "{}")).found ==
          "model.vocab: an object");
    CHECK(json_failure(json("\"unk_token\":\"[UNK]\"", "\"unk_token\":\"<unk>\"")).found ==
          "no token \"<unk>\"");
}

TEST_CASE("tokenizer.json: added tokens must have the ids that Hugging Face would give them") {
    CHECK(json_failure(json("\"id\":4", "\"id\":5")).found == "added_tokens[1].id: 5");
    CHECK(json_failure(json("\"content\":\"<x>\"", "\"content\":\"\"")).found ==
          "added_tokens[1].content: \"\"");
    CHECK(json_failure(json("<x>", std::string(1 << 20, 'x'))).expected == "1 to 1024 bytes");
    CHECK(json_failure(json("<x>", "[UNK]")).found == "added_tokens[1].content: \"[UNK]\"");
    CHECK(json_failure(json("\"ids\":[3]", "\"ids\":[2]")).found ==
          "post_processor.special_tokens[\"s\"].ids: 2");
    CHECK(json_failure(json("\"tokens\":[\"s\"]", "\"tokens\":[\"t\"]")).found ==
          "post_processor.special_tokens[\"s\"].tokens: \"t\"");
}

TEST_CASE("tokenizer.json: cut short, empty or of another kind") {
    for (const std::size_t size : {1u, 10u, 500u})
        CHECK(json_failure(json().substr(0, size)).expected == "a whole tokenizer.json");
    CHECK(json_failure("").found == "an empty file");
    CHECK(json_failure("[]").found == "a list");
    CHECK(json_failure(std::string(100000, '[')).expected == "a whole tokenizer.json");
    CHECK(json_failure("version https://git-lfs.github.com/spec/v1").found == "a Git-LFS pointer");
}
