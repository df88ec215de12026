// --set and ${NAME}: what they change, and what their mistakes say.
#include <embedloom/config/override.h>

#include "support/catch.hpp"

using namespace embedloom;
using config::Kind;

namespace {

config::Tree with_sets(const std::string& text, const std::vector<std::string>& sets) {
    config::Tree tree = config::parse(text, "f");
    config::Mistakes mistakes;
    config::apply_sets(tree, sets, mistakes);
    tree.errors = mistakes.take();
    return tree;
}

std::string set_mistake(const std::string& text, const std::string& set) {
    const config::Tree tree = with_sets(text, {set});
    return tree.errors.empty() ? "" : base::one_line(tree.errors[0]);
}

/// The text of `a` after expansion, then the mistakes.
std::string expanded(const std::string& text) {
    config::Tree tree = config::parse(text, "f");
    config::Mistakes mistakes;
    config::expand_environment(
        tree.root,
        [](std::string_view name) {
            return name == "MODEL" ? std::optional<std::string>("/m") : std::nullopt;
        },
        mistakes);
    std::string out = tree.root.find("a")->text;
    for (const base::Error& error : mistakes.take()) out += "\n" + base::one_line(error);
    return out;
}

}  // namespace

TEST_CASE("--set: values are YAML, maps are made on the way, the later one wins") {
    const config::Tree tree =
        with_sets("a: {b: 1}\nc: [x, y]\nn:\n",
                  {"a.b=2", "a.b=\"3\"", "new.deep.key=[p, q]", "c.1=z", "n.m=5", "s={use: none}", "o=null"});
    CHECK(tree.errors.empty());
    CHECK(tree.root.find("a")->find("b")->text == "3");
    CHECK_FALSE(tree.root.find("a")->find("b")->is_plain);
    CHECK(tree.root.find("new")->find("deep")->find("key")->items[1].text == "q");
    CHECK(tree.root.find("c")->items[1].text == "z");
    CHECK(tree.root.find("n")->find("m")->text == "5");
    CHECK(tree.root.find("s")->find("use")->text == "none");
    CHECK(tree.root.find("o")->kind == Kind::null);
}

TEST_CASE("--set: what it puts in is marked with the argument") {
    const config::Tree tree = with_sets("a: {b: 1}\n", {"a.c={d: 4}"});
    const config::Node& value = *tree.root.find("a")->find("c")->find("d");
    CHECK(*value.mark.source == "--set a.c={d: 4}");
    CHECK(value.mark.line == base::no_place);
    CHECK(base::one_line(config::at(value.mark, {.key_path = "a.c.d", .found = "4"})) ==
          "--set a.c={d: 4}: a.c.d: found 4");
}

TEST_CASE("--set: works on a file without content") {
    CHECK(with_sets("# nothing\n", {"a.b=1"}).root.find("a")->find("b")->text == "1");
}

TEST_CASE("--set: mistakes name the argument") {
    CHECK(set_mistake("a: 1\n", "a") ==
          "--set a: found 'a', expected key.path=value; as in --set run.seed=7");
    CHECK(set_mistake("a: 1\n", "a..b=1") ==
          "--set a..b=1: found 'a..b=1', expected key.path=value; as in --set run.seed=7");
    CHECK(set_mistake("a: 1\n", "=1") ==
          "--set =1: found '=1', expected key.path=value; as in --set run.seed=7");
    CHECK(set_mistake("a: 1\n", "a=") ==
          "--set a=: a: found nothing after '=', expected a value; write \"\" for an empty text, null to "
          "leave the key out");
    CHECK(set_mistake("a: 1\n", "a.b=2") ==
          "--set a.b=2: a.b: found 'b' below the value '1', expected the path of a key");
    CHECK(set_mistake("a: [x]\n", "a.1=2") ==
          "--set a.1=2: a.1: found '1' into a list of 1, expected the number of an item, from 0; or give the "
          "whole list, as [a, b]");
    CHECK_THAT(set_mistake("a: 1\n", "a=[1"),
               Catch::StartsWith("--set a=[1: a: found what does not belong in [ ]"));
}

TEST_CASE("${NAME}: replaced in scalars, quoted or not, and `$${` is `${`") {
    CHECK(expanded("a: ${MODEL}/vocab.txt") == "/m/vocab.txt");
    CHECK(expanded("a: \"${MODEL}:${MODEL}\"") == "/m:/m");
    CHECK(expanded("a: 'x$${MODEL}y'") == "x${MODEL}y");
    CHECK(expanded("a: \"[CLS] $A [SEP] $B:1\"") == "[CLS] $A [SEP] $B:1");
}

TEST_CASE("${NAME}: what is not set or no name is said with its place") {
    CHECK(expanded("a: x${NONE}") ==
          "x\nf:1:4: a: found ${NONE}, which is not set in the environment, expected a value; export "
          "NONE=..., or write the value here");
    CHECK(expanded("a: ${MODEL") ==
          "\nf:1:4: a: found '${MODEL', expected ${NAME}; write $${ for a plain ${");
    CHECK(expanded("a: ${M-x}") == "\nf:1:4: a: found '${M-x}', expected ${NAME}; write $${ for a plain ${");
}

TEST_CASE("${NAME}: a value is not expanded again, and all together stay below 16 MiB") {
    const std::string large(1 << 20, '$');
    config::Tree tree = config::parse("a: [\"" + std::string(30 * 4, ' ') + "\"]\nb: \"${L}${L}\"\n", "f");
    for (int i = 0; i < 20; ++i) tree.root.entries.push_back({"k", tree.start, *tree.root.find("b")});
    config::Mistakes mistakes;
    config::expand_environment(
        tree.root, [&](std::string_view) { return std::optional(large + "{L}"); }, mistakes);
    const auto errors = mistakes.take();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].found == "more than 16 MiB of text from variables");
    CHECK(tree.root.find("b")->text.ends_with("${L}"));
}
