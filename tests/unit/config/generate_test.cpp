// Help, docs, templates and schemas come from the tables, and what they say is what the checker takes.
#include <embedloom/config/generate.h>
#include <embedloom/config/scalar.h>
#include <embedloom/config/schema.h>

#include <iostream>

#include "support/catch.hpp"
#include "workshop.h"

using namespace embedloom;
using config::Workshop;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = std::min(text.find('\n', i), text.size());
        out.push_back(text.substr(i, end - i));
        i = end + 1;
    }
    return out;
}

/// Every key that is commented out with its default, put in force.
std::string with_defaults(const std::string& text) {
    std::string out;
    for (std::string line : lines_of(text)) {
        const std::size_t hash = line.find_first_not_of(' ');
        const bool is_key = hash != std::string::npos && line[hash] == '#' && line.substr(hash + 1, 1) != " ";
        if (is_key && line.find("\"<") == std::string::npos) line.erase(hash, 1);
        out += line + "\n";
    }
    return out;
}

const std::vector<std::string> simple{"source=text", "tokenizer=wordpiece", "segment=single"};
const std::vector<std::string> filled{"source.files=[data]", "tokenizer.vocab=vocab.txt", "batch.size=4"};

/// What stands between backticks in cell `index` of the row of `text` that begins with "| name |".
std::vector<std::string> examples(const std::string& text, const std::string& name, int index) {
    std::size_t begin = text.find("| " + name + " |");
    REQUIRE(begin != std::string::npos);
    for (int i = 0; i < index; ++i) begin = text.find('|', begin + 1);
    const std::string cell = text.substr(begin, text.find('|', begin + 1) - begin);
    std::vector<std::string> out;
    for (std::size_t i = cell.find('`'); i != std::string::npos; i = cell.find('`', i + 1)) {
        const std::size_t end = cell.find('`', i + 1);
        out.push_back(cell.substr(i + 1, end - i - 1));
        i = end;
    }
    return out;
}

bool is_read(config::Type type, const std::string& yaml) {
    base::Error error;
    const config::Node value = *config::parse("a: " + yaml, "f").root.find("a");
    return config::read_scalar({.type = type}, value, error).index() != 0;
}

}  // namespace

TEST_CASE("Markdown: the examples of how values are written are read, and those of what is refused are not") {
    const std::string text = config::markdown_reference({});
    std::size_t count = 0;
    for (const auto& [name, type] :
         {std::pair{"true or false", config::Type::boolean}, std::pair{"an integer", config::Type::integer},
          std::pair{"a number", config::Type::number}, std::pair{"a share", config::Type::share},
          std::pair{"a size", config::Type::size}}) {
        for (const std::string& example : examples(text, name, 1)) CHECK((++count, is_read(type, example)));
        for (const std::string& example : examples(text, name, 2))
            CHECK_FALSE((++count, is_read(type, example)));
    }
    CHECK(count == 30);
}

TEST_CASE("template: filled in, it is a config without mistakes") {
    const Workshop workshop;
    const std::string text = config::config_template(config::test_catalogue(), simple);
    CHECK(workshop.mistakes(text, filled).empty());
    CHECK_THAT(workshop.mistakes(text),
               Catch::Contains("source.files: found no file '{folder}/<a list of files"));
    CHECK(workshop.load(text, filled).embedding() == nullptr);
}

TEST_CASE("template: every default it shows is the default") {
    const Workshop workshop;
    const std::string text = config::config_template(config::test_catalogue(), simple);
    auto sets = filled;
    for (const char* off : {"embedding.norm=null", "run.steps=null"}) sets.push_back(off);
    const config::Spec shown = workshop.load(with_defaults(text), sets);
    sets.push_back("embedding={}");
    CHECK(config::to_canonical_text(shown) == config::to_canonical_text(workshop.load(text, sets)));
    CHECK_FALSE(shown.run().at("seed").is_default);
    CHECK_FALSE(shown.segment().at("template").is_default);
}

TEST_CASE("template: stages within others are named by their path") {
    const std::string text = config::config_template(
        config::test_catalogue(), {"position=learned", "position.table=safetensors", "embedding.token=random",
                                   "embedding.norm.weight=random"});
    const config::Tree tree = config::parse(text, "f");
    REQUIRE(tree.errors.empty());
    CHECK(tree.root.find("position")->find("table")->find("tensor")->text == "<text>");
    CHECK(tree.root.find("embedding")->find("token")->find("use")->text == "random");
    CHECK(tree.root.find("embedding")->find("norm")->find("type")->text == "<layer_norm or rms_norm>");
    CHECK(tree.root.find("source")->find("use")->text == "<jsonl or text>");
}

TEST_CASE("template: what is no stage or no plugin is a usage mistake with the nearest name") {
    const auto mistake = [](const std::string& argument) {
        try {
            config::config_template(config::test_catalogue(), {argument});
        } catch (const base::Failure& failure) {
            CHECK(failure.first().code == base::Code::usage);
            return std::string(failure.what());
        }
        return std::string();
    };
    CHECK(mistake("tokenizer=wordpeice") ==
          "tokenizer=wordpeice: found 'wordpeice', expected wordpiece; did you mean 'wordpiece'?");
    CHECK_THAT(mistake("tokeniser=wordpiece"),
               Catch::Contains("no stage at 'tokeniser'") && Catch::Contains("did you mean 'tokenizer'?"));
    CHECK_THAT(mistake("tokenizer"), Catch::Contains("expected STAGE=NAME"));
}

TEST_CASE("JSON Schema: is JSON, with every key of the core and every stage") {
    const config::Tree tree =
        config::parse(config::json_schema(config::test_catalogue()), "f", {.keys = 4096});
    REQUIRE(tree.errors.empty());  // JSON is YAML
    const config::Node& properties = *tree.root.find("properties");
    for (const config::Parameter& parameter : config::top_level()) CHECK(properties.find(parameter.name));
    CHECK(properties.entries.size() == config::top_level().size());
    const config::Node& tables = *tree.root.find("$defs")->find("table")->find("anyOf");
    CHECK(tables.items[0].find("enum")->items.size() == 2);
    CHECK(tables.items[2].find("properties")->find("use")->find("const")->text == "safetensors");
    CHECK(tables.items[2].find("required")->items[1].text == "file");
    CHECK(tables.items[2].find("additionalProperties")->text == "false");
}

TEST_CASE("Markdown: every key is a row, with '|' escaped") {
    config::Catalogue catalogue = config::test_catalogue();
    catalogue.add({"sink", "odd", "1.0.0", "Odd.", "", {{.name = "bar", .doc = "a | b"}}});
    const std::string text = config::markdown_reference(catalogue);
    CHECK_THAT(text, Catch::Contains("| `batch.size` | an integer from 1 to 1048576 rows | **required** |"));
    CHECK_THAT(text, Catch::Contains(
                         "| `run.on_error.at_most` | a share from 0 % to 100 %, as 1 % or 0.01 | `1 %` |"));
    CHECK_THAT(text, Catch::Contains("### tokenizer: wordpiece\n\nBERT's tokenizer.\n\n| key |"));
    CHECK_THAT(text, Catch::Contains("| `bar` | text |  | a \\| b |"));
    CHECK_THAT(text, Catch::Contains("### sink: discard\n\nNothing is kept.\n\nIt has no parameters.\n"));
}

TEST_CASE("describe: name, summary, and each parameter with what it takes") {
    CHECK(config::describe_text(*config::test_catalogue().find("tokenizer", "wordpiece")) ==
          "tokenizer/wordpiece 1.2.0\n"
          "  BERT's tokenizer.\n"
          "\n"
          "Parameters\n"
          "  vocab (required): the path of a file\n"
          "      A vocab.txt.\n"
          "  lowercase (default true): true or false\n"
          "      As uncased models want it.\n"
          "  never_split (optional): a list of texts\n"
          "      Words that stay whole.\n");
}

TEST_CASE("wrapped: lines stay within the width, long words stand alone, line ends stay") {
    CHECK(config::wrapped("one two three\nfour", 9, "  ") == "  one two\n  three\n  four\n");
    CHECK(config::wrapped("a verylongword b", 6, "") == "a\nverylongword\nb\n");
    CHECK(config::wrapped("é é é", 5, "") == "é é é\n");
    CHECK(config::wrapped("", 5, "").empty());
}

TEST_CASE("generators: what they write, to be read by eye", "[.print]") {
    const config::Catalogue catalogue = config::test_catalogue();
    std::cout << config::config_template(catalogue, {"source=text", "tokenizer=wordpiece", "segment=single",
                                                     "embedding.token=random"})
              << config::markdown_reference(catalogue) << config::json_schema(catalogue);
}
