// A config is checked as a whole: typed values with defaults and places, and every mistake in one go.
#include <embedloom/config/config.h>

#include "support/catch.hpp"
#include "workshop.h"

using namespace embedloom;
using config::job;
using config::Workshop;

TEST_CASE("check: values are typed, defaults filled in, stages nested") {
    const Workshop workshop;
    const config::Spec spec = workshop.load(
        job("position: {use: learned, table: {use: safetensors, file: table.safetensors, tensor: p}}\n"
            "embedding:\n"
            "  token: {use: random, rows: 8}\n"
            "  norm: {type: layer_norm, weight: {use: random, rows: 1}}\n"
            "run: {shuffle: true, memory: 3 MiB, on_error: skip}\n"
            "sink: discard\n"));
    CHECK(spec.source().use == "text");
    CHECK(spec.source().list("files") ==
          std::vector{workshop.path("data/a.txt"), workshop.path("data/b.txt")});
    CHECK(spec.source().integer("block") == 1 << 20);
    CHECK(spec.tokenizer().version == "1.2.0");
    CHECK(spec.tokenizer().boolean("lowercase"));
    CHECK_FALSE(spec.tokenizer().has("never_split"));
    CHECK(spec.segment().text("template") == "[CLS] $A [SEP]");
    CHECK(spec.segment().integer("max_length") == 512);
    CHECK(spec.objective() == nullptr);
    CHECK(spec.prepare().empty());
    const config::Section& table = *spec.position()->section("table");
    CHECK(table.path == "position.table");
    CHECK(table.text("file") == workshop.path("table.safetensors"));
    CHECK(spec.position()->section("ids") == nullptr);
    CHECK(spec.embedding()->number("scale") == 1.0);
    CHECK(spec.embedding()->section("norm")->number("eps") == 1e-12);
    CHECK(spec.embedding()->section("norm")->section("weight")->integer("rows") == 1);
    CHECK(spec.batch().at("pad").is_word());
    CHECK_FALSE(spec.batch().integer_or_word("pad"));
    CHECK(spec.run().text("shuffle") == "true");
    CHECK(spec.run().integer("memory") == 3 << 20);
    CHECK(spec.run().integer_or_word("epochs") == 1);
    CHECK(spec.run().text("cache") == workshop.path(".cache/embedloom"));
    CHECK(spec.run().section("on_error")->text("policy") == "skip");
    CHECK(spec.run().section("on_error")->number("at_most") == 0.01);
    CHECK(spec.run().section("limits")->integer("record_bytes") == 64 << 20);
    CHECK(spec.sink()->use == "discard");
}

TEST_CASE("check: some parts alone are checked, the others not looked at") {
    const Workshop workshop;
    const std::string text = "tokenizer: {use: wordpiece, vocab: vocab.txt}\nsegment: {use: nowhere}\nwhat: is this\n";
    const config::Document document = config::open_text(text, "a text", workshop.path(""), {});
    CHECK(document.file == "a text");
    const config::Spec spec = config::check_parts(document, config::test_catalogue(), {"tokenizer"});
    CHECK(spec.tokenizer().text("vocab") == workshop.path("vocab.txt"));
    try {
        config::check_parts(document, config::test_catalogue(), {"tokenizer", "segment"});
        FAIL("a segment that is nowhere");
    } catch (const base::Failure& failure) {
        CHECK(failure.errors().size() == 1);
        CHECK(failure.first().source == "a text");
        CHECK(failure.first().line == 2);
    }
}

TEST_CASE("check: without run, all of its defaults are there") {
    const config::Spec spec = Workshop().load(job());
    CHECK(spec.run().text("threads") == "auto");
    CHECK(spec.run().at("threads").is_default);
    CHECK_FALSE(spec.run().has("steps"));
    CHECK(spec.embedding() == nullptr);
}

TEST_CASE("check: every value knows where it stands, a default where its map does") {
    const config::Spec spec = Workshop().load(job("run:\n  seed: 7\n"), {"batch.pad=128"});
    const auto line = [](const config::Value& value) {
        return base::one_line(config::error_at(value, {.found = "x"}));
    };
    CHECK_THAT(line(spec.run().at("seed")), Catch::EndsWith("job.yaml:7:9: run.seed: found x"));
    CHECK_THAT(line(spec.run().at("epochs")), Catch::EndsWith("job.yaml:7:3: run.epochs: found x"));
    CHECK_THAT(line(spec.tokenizer().at("vocab")),
               Catch::EndsWith("job.yaml:3:36: tokenizer.vocab: found x"));
    CHECK(line(spec.batch().at("pad")) == "--set batch.pad=128: batch.pad: found x");
    CHECK(spec.source().at("files").item_marks[0].column == 29);
    CHECK_FALSE(spec.run().at("seed").is_default);
}

TEST_CASE(
    "check: values of plugins come in the order in which they are declared, the core's own keys after them") {
    const config::Spec spec = Workshop().load(job("position: {ids: sinusoidal, base: 5, use: sinusoidal}\n"));
    REQUIRE(spec.position()->values.size() == 2);
    CHECK(spec.position()->values[0].name == "base");
    CHECK(spec.position()->values[1].name == "ids");
    CHECK(spec.position()->section("ids")->path == "position.ids");
}

TEST_CASE("check: asking for what the table does not have is a bug that is told") {
    const config::Spec spec = Workshop().load(job());
    CHECK_THROWS_AS(spec.batch().integer("sizes"), base::Failure);
    CHECK_THROWS_AS(spec.batch().text("size"), base::Failure);
    CHECK_THROWS_AS(spec.run().integer("steps"), base::Failure);
}

TEST_CASE("check: all mistakes come in one go by line, missing files last") {
    CHECK(Workshop().mistakes("schema: 2\n"
                              "source: {use: txt, files: [data]}\n"
                              "tokenizer: {use: wordpiece, vocab: none.txt, lowercase: yes}\n"
                              "segment: {use: single, max_lenght: 128, max_length: 0}\n"
                              "batch: {pad: longst, size: 8, size: 9}\n"
                              "objektive: {use: mlm}\n") ==
          "1:9: schema: found 2, expected 1\n"
          "2:15: source.use: found 'txt', expected a source plugin; did you mean 'text'? looked in "
          "build/plugins\n"
          "3:57: tokenizer.lowercase: found 'yes', expected true or false; write true\n"
          "4:24: segment.max_lenght: found an unknown key; did you mean 'max_length'?\n"
          "4:53: segment.max_length: found 0, expected an integer from 1 to 1048576 tokens\n"
          "5:14: batch.pad: found 'longst', expected an integer from 1 to 16777216 tokens, longest or "
          "max; did you mean 'longest'?\n"
          "5:31: batch.size: found 'size' a second time, first on line 5, expected each key once; remove one "
          "of the two\n"
          "6:1: objektive: found an unknown key; did you mean 'objective'?\n"
          "3:36: tokenizer.vocab: found no file '{folder}/none.txt', expected a file that exists\n");
}

TEST_CASE("check: a misspelt required key is told once, as what it was meant to be") {
    CHECK(Workshop().mistakes(job(), {"batch={siz: 3}"}) ==
          "--set batch={siz: 3}: batch.siz: found an unknown key; did you mean 'size'?\n");
}

TEST_CASE("check: missing files alone exit with 66, any mistake of the config itself with 78") {
    const Workshop workshop;
    const auto code = [&](const std::vector<std::string>& sets) {
        try {
            workshop.load(job(), sets);
        } catch (const base::Failure& failure) {
            return static_cast<int>(failure.first().code);
        }
        return 0;
    };
    CHECK(code({"tokenizer.vocab=none"}) == 66);
    CHECK(code({"tokenizer.vocab=none", "source.files=[none*]"}) == 66);
    CHECK(code({"tokenizer.vocab=none", "batch.size=0"}) == 78);
    CHECK(code({"batch.size=0"}) == 78);
    CHECK(code({}) == 0);
}

TEST_CASE("check: plugin folders are known before the catalogue is, and must exist") {
    const Workshop workshop;
    std::ofstream(workshop.path("job.yaml")) << job("plugins: [data, none]\n");
    const config::Document document = config::open(workshop.path("job.yaml"));
    CHECK(document.plugin_folders == std::vector{workshop.path("data"), workshop.path("none")});
    CHECK_THROWS_WITH(config::check(document, config::test_catalogue()),
                      Catch::Contains("6:17: plugins.1: found no folder"));
}

TEST_CASE("check: a list may be written as its only item") {
    const Workshop workshop;
    CHECK(workshop.load(job(), {"source.files=data/b.txt"}).source().list("files") ==
          std::vector{workshop.path("data/b.txt")});
    CHECK(workshop.load(job(), {"batch.emit=input_ids"}).batch().list("emit") ==
          std::vector<std::string>{"input_ids"});
}

TEST_CASE("check: null leaves an optional key out, and is refused for a required one") {
    const Workshop workshop;
    CHECK(workshop.load(job("sink: discard\nrun: {seed: 5}\n"), {"sink=null", "run.seed=~"}).sink() ==
          nullptr);
    CHECK(workshop.load(job("run: ~\n")).run().integer("seed") == 0);
    CHECK(workshop.mistakes(job(), {"batch.size=null"}) ==
          "--set batch.size=null: batch.size: found null, expected an integer from 1 to 1048576 rows\n");
}

TEST_CASE("check: prepare is a list of stages of its kind") {
    const Workshop workshop;
    CHECK(workshop.mistakes(job("prepare: [{use: split}]\n")) ==
          "6:17: prepare.0.use: found 'split', expected a prepare plugin, of which there is none; looked in "
          "build/plugins\n");
    CHECK(workshop.mistakes(job("prepare: {use: split}\n")) ==
          "6:10: prepare: found a map, expected a list of prepare stages, as [{use: NAME}]; put the stage in "
          "[ ]\n");
    CHECK(workshop.mistakes(job("prepare: []\n")).empty());
}

TEST_CASE("check: a plugin of another kind is told as such") {
    CHECK(Workshop().mistakes(job("objective: wordpiece\n")) ==
          "6:12: objective.use: found 'wordpiece', expected an objective plugin: mlm; 'wordpiece' is a "
          "tokenizer; looked in build/plugins\n");
}

TEST_CASE("check: a stage without use, or that is no map, says what it needs") {
    const Workshop workshop;
    CHECK(workshop.mistakes(job("objective: {probability: 0.1}\n")) ==
          "6:12: objective.use: found no 'use', expected the name of an objective plugin: mlm\n");
    CHECK(workshop.mistakes(job("objective: [mlm]\n")) ==
          "6:12: objective: found a list, expected the name of an objective plugin: mlm\n");
    CHECK(workshop.mistakes(job("objective: {use: [mlm]}\n")) ==
          "6:18: objective.use: found a list, expected the name of an objective plugin: mlm\n");
}

TEST_CASE("check: variables are expanded before types are read") {
    CHECK(Workshop()
              .load(job("run: {seed: \"1\"}\n"), {"run.seed=5", "batch.pad=${N}"})
              .batch()
              .integer("pad") == 64);
}

TEST_CASE("check: a variable in quotes can be a number, text beside it cannot") {
    const Workshop workshop;
    CHECK(workshop.load(job("run: {seed: \"${N}\", steps: '${N}'}\n")).run().integer("seed") == 64);
    CHECK(workshop.mistakes(job("run: {seed: \"${N}0\"}\n")) ==
          "6:13: run.seed: found the quoted text '640', expected an integer from 0 to 2^63 - 1; remove the quotes\n");
}

TEST_CASE("check: the default stands in for a value that is refused, so that the rest can be judged") {
    const config::Tree tree = config::parse(job("run: {seed: -1, shuffle: maybe, on_error: [1]}\n"), "f");
    const Workshop workshop;
    const config::Checked checked =
        config::check_all({.file = "f", .folders = {workshop.path(""), "/home/me"}, .root = tree.root}, config::test_catalogue());
    CHECK(checked.mistakes.size() == 3);
    CHECK(checked.spec.run().integer("seed") == 0);
    CHECK(checked.spec.run().text("shuffle") == "false");
    CHECK(checked.spec.run().section("on_error")->text("policy") == "fail");
}

TEST_CASE("check Y09: a near miss of a key gets its name") {
    CHECK(Workshop().mistakes(job("batchsize: 8\n")) ==
          "6:1: batchsize: found an unknown key; did you mean 'batch'?\n");
    CHECK_THAT(Workshop().mistakes(job("zzz: 8\n")),
               Catch::Contains("found an unknown key, expected one of schema, plugins"));
}

TEST_CASE("check Y15: an empty value is refused, required or not") {
    const Workshop workshop;
    CHECK(workshop.mistakes(job("run:\n  seed:\n")) ==
          "7:3: run.seed: found nothing, expected an integer from 0 to 2^63 - 1; give it a value or leave the key out\n");
    CHECK(workshop.mistakes("schema:\n" + job().substr(10)) == "1:1: schema: found nothing, expected 1\n");
}

TEST_CASE("check Y11: an integer beyond 64 bits is told how large one may be") {
    CHECK(Workshop().mistakes(job("run:\n  seed: 9223372036854775808\n")) ==
          "7:9: run.seed: found 9223372036854775808, expected an integer from 0 to 2^63 - 1\n");
}

TEST_CASE("check Y26: an empty file, a scalar or a list is no config") {
    const std::string expected = ", expected a map with schema, source, tokenizer, segment and batch\n";
    CHECK(Workshop().mistakes("") == "1:1: found an empty file" + expected);
    CHECK(Workshop().mistakes("# nothing\n") == "1:1: found an empty file" + expected);
    CHECK(Workshop().mistakes("text\n") == "1:1: found 'text'" + expected);
    CHECK(Workshop().mistakes("- a\n") == "1:1: found a list" + expected);
}

TEST_CASE("check Y28: a path is shown as what it became") {
    CHECK(Workshop().mistakes(job(), {"tokenizer.vocab=../$HOME/none"}) ==
          "--set tokenizer.vocab=../$HOME/none: tokenizer.vocab: found no file '{folder}/../$HOME/none', "
          "expected a file that exists\n");
}

TEST_CASE("check: nothing of a hundred mistakes is lost without a word") {
    std::string keys;
    for (int i = 0; i < 150; ++i) keys += "zzz" + std::to_string(i) + ": 1\n";
    CHECK_THAT(Workshop().mistakes(job(keys)), Catch::EndsWith("50 more mistakes are not shown\n"));
}
