// Source "arrow" over memory that lies about itself: each lie is refused by column and row, and nothing is read beyond what is there.
#include "arrow_table.h"
#include "support/catch.hpp"

using namespace embedloom::source_tests;

namespace {

std::string refusal(const ArrowColumn& column) {
    ArrowBench bench;
    if (column.format.starts_with("+")) bench.set("input_ids", "text");
    return bench.chunk({column}).refusal();
}

ArrowColumn with_block(ArrowColumn column, std::size_t number, Block block) {
    column.blocks[number] = std::move(block);
    return column;
}

}  // namespace

TEST_CASE("arrow: offsets that go backwards, below 0 or beyond all memory are refused") {
    const ArrowColumn good = text_column("text", {"ab", "cd", "ef"}), large = text_column("text", {"ab", "cd", "ef"}, "U");
    CHECK(refusal(with_block(good, 1, block(std::vector<std::int32_t>{0, 4, 2, 6}))) == "row 1, column 'text': offsets 4 to 2");
    CHECK(refusal(with_block(good, 1, block(std::vector<std::int32_t>{-2, 2, 4, 6}))) == "row 0, column 'text': offsets -2 to 2");
    CHECK(refusal(with_block(good, 1, block(std::vector<std::int32_t>{0, 2, 4, -6}))) == "row 2, column 'text': offsets 4 to -6");
    CHECK(refusal(with_block(large, 1, block(std::vector<std::int64_t>{0, 2, INT64_MAX, INT64_MAX}))) ==
          "row 1, column 'text': offsets 2 to 9223372036854775807");
    CHECK(refusal(with_block(list_column("text", {{1}, {2}}), 1, block(std::vector<std::int32_t>{0, 2, 1}))) == "row 1, column 'text': offsets 2 to 1");
}

TEST_CASE("arrow: the row of a lie is that of the table, not of its chunk") {
    ArrowBench bench;
    const ArrowColumn good = text_column("text", {"ab", "cd"});
    bench.chunk({good}).chunk({with_block(good, 1, block(std::vector<std::int32_t>{0, 2, 1}))});
    CHECK(bench.refusal() == "row 3, column 'text': offsets 2 to 1");
}

TEST_CASE("arrow: memory that is not there is refused where it is needed") {
    const ArrowColumn good = text_column("text", {"ab", "cd"});
    CHECK(refusal(with_block(good, 1, nullptr)) == "row 0, column 'text': no memory of its values");
    CHECK(refusal(with_block(good, 2, nullptr)) == "row 0, column 'text': no memory of its texts");
    CHECK(refusal(with_block(text_column("text", {"", ""}), 2, nullptr)) == "nothing");
    ArrowColumn nulls = with_block(good, 0, nullptr);
    nulls.nulls = 2;
    CHECK(refusal(nulls) == "row 0, column 'text': 2 nulls without the bits that say which");
    ArrowColumn no_items = list_column("text", {{1}});
    no_items.children[0].blocks[1] = nullptr;
    CHECK(refusal(no_items) == "row 0, column 'text': no memory of its items");
    ArrowColumn none = text_column("text", {});
    none.blocks = {nullptr, nullptr, nullptr};
    CHECK(refusal(none) == "nothing");
}

TEST_CASE("arrow: buffers and children that are missing are refused") {
    ArrowColumn few = text_column("text", {"ab"});
    few.blocks.pop_back();
    CHECK(refusal(few) == "row 0, column 'text': 2 buffers");
    ArrowColumn childless = list_column("text", {{1}});
    ArrowBench bench;
    bench.set("input_ids", "text").chunk({childless});
    childless.children.clear();
    CHECK(bench.chunk({childless}).refusal() == "row 1, column 'text': 0 children");
    ArrowBench missing;
    missing.chunk({text_column("text", {"ab"})}).whole({"", "+s", 1, {nullptr}, 0, 0, {}});
    CHECK(missing.refusal() == "row 1, column 'text': a chunk without it");
}

TEST_CASE("arrow: counts below 0, beyond 2^48, or longer than a column are refused") {
    ArrowColumn column = text_column("text", {"ab"});
    ArrowBench longer;
    CHECK(longer.whole({"", "+s", 2, {nullptr}, 0, 0, {column}}).refusal() == "row 1, column 'text': 1 values");
    ArrowBench negative;
    CHECK(negative.whole({"", "+s", -1, {nullptr}, 0, 0, {column}}).refusal() == "row 0: -1 values from 0");
    ArrowBench endless;
    CHECK(endless.whole({"", "+s", INT64_MAX, {nullptr}, 0, 0, {column}}).refusal() == "row 0: 9223372036854775807 values from 0");
    column.offset = -1;
    column.length = 0;
    ArrowBench before;
    CHECK(before.whole({"", "+s", 1, {nullptr}, 0, 0, {column}}).refusal() == "row 0, column 'text': 1 values from -1");
}

TEST_CASE("arrow: views outside their buffers are refused") {
    const std::string bytes = "more than twelve bytes";
    const auto with_view = [&](TestView view) { return refusal(with_block(view_column("text", {bytes}), 1, block(std::vector{view}))); };
    CHECK(with_view({22, {}, 0, 0}) == "nothing");
    CHECK(with_view({22, {}, 0, 1}) == "row 0, column 'text': a view of 22 bytes at 1 of buffer 0");
    CHECK(with_view({INT32_MAX, {}, 0, INT32_MAX}) == "row 0, column 'text': a view of 2147483647 bytes at 2147483647 of buffer 0");
    CHECK(with_view({-1, {}, 0, 0}) == "row 0, column 'text': a view of -1 bytes at 0 of buffer 0");
    CHECK(with_view({22, {}, 1, 0}) == "row 0, column 'text': a view of 22 bytes at 0 of buffer 1");
    CHECK(with_view({22, {}, -1, 0}) == "row 0, column 'text': a view of 22 bytes at 0 of buffer -1");
    CHECK(with_view({22, {}, 0, -22}) == "row 0, column 'text': a view of 22 bytes at -22 of buffer 0");
    CHECK(refusal(with_block(view_column("text", {bytes}), 3, nullptr)) == "row 0, column 'text': a view of 22 bytes at 0 of buffer 0");
}

TEST_CASE("arrow: keys outside their dictionary are refused, also negative ones") {
    ArrowColumn keys = number_column<std::int32_t>("text", "i", {0, 2});
    keys.dictionary = std::make_shared<ArrowColumn>(text_column("", {"a", "b"}));
    CHECK(refusal(keys) == "row 1, column 'text': key 2");
    keys.blocks[1] = block(std::vector<std::int32_t>{-1, 0});
    CHECK(refusal(keys) == "row 0, column 'text': key -1");
    keys.blocks[1] = block(std::vector<std::int32_t>{0, 1});
    keys.dictionary->blocks[1] = block(std::vector<std::int32_t>{0, 1, 0});
    CHECK(refusal(keys) == "row 1, column 'text': offsets 1 to 0");
}

TEST_CASE("arrow: lists beyond their items are refused, and widths whose product overflows") {
    CHECK(refusal(with_block(list_column("text", {{1}, {2}}), 1, block(std::vector<std::int32_t>{0, 1, 3}))) == "row 2, column 'text': 2 values");
    ArrowColumn fixed{"text", "+w:2", 2, {nullptr}, 0, 0, {number_column<std::int32_t>("item", "i", {1, 2, 3})}};
    CHECK(refusal(fixed) == "row 3, column 'text': 3 values");
    fixed.format = "+w:2147483647";
    fixed.offset = std::int64_t{1} << 47;
    fixed.length = fixed.offset + 1;
    CHECK(refusal(fixed) == "row 0, column 'text': lists of 2147483647 items");
}

TEST_CASE("arrow: buffers may begin at any byte") {
    ArrowColumn text = text_column("text", {"one", "two"}), label = number_column<double>("label", "g", {1.5, 2.5});
    for (Block* kept : {&text.blocks[0], &text.blocks[1], &text.blocks[2], &label.blocks[1]}) (*kept)->insert((*kept)->begin(), 'x');
    ArrowBench bench;
    bench.move_buffers = 1;
    const Read read = bench.set("label", "label").chunk({text, label}).open().read_all();
    CHECK(read.texts() == std::vector<std::string>{"one", "two"});
    CHECK(read.records[1].numbers == std::vector{2.5});
}

TEST_CASE("arrow: columns that are not there, are there twice, or are of another type are refused by parameter") {
    const ArrowColumn text = text_column("text", {"a"});
    const auto refused = [&](std::string_view parameter, const ArrowColumn& column) {
        ArrowBench bench;
        bench.set(parameter, column.name).chunk({text, column});
        bench.refusal();
        const Problem problem = bench.bench.problems.list.at(0);
        CHECK(problem.parameter == parameter);
        return problem.found + " | " + problem.expected;
    };
    const ArrowColumn numbers = number_column<std::int32_t>("n", "i", {1}), lists = list_column("n", {{1}});
    CHECK(refused("text", numbers) == "a column of int32 | texts: string, large_string, string_view, or a dictionary of them");
    CHECK(refused("pair", lists) == "a column of list<int64> | texts: string, large_string, string_view, or a dictionary of them");
    CHECK(refused("label", lists) == "a column of list<int64> | integers, booleans or floats");
    CHECK(refused("input_ids", numbers) == "a column of int32 | lists of integers");
    ArrowColumn reals = lists;
    reals.children[0].format = "g";
    CHECK(refused("input_ids", reals) == "a column of list<float64> | lists of integers");
    ArrowColumn strange = numbers;
    strange.format = "tsu:UTC";
    CHECK(refused("label", strange) == "a column of type 'tsu:UTC' | integers, booleans or floats");
    ArrowBench missing;
    CHECK(missing.set("pair", "other").chunk({text}).refusal() == "no column 'other' in the records");
    CHECK(missing.bench.problems.list[0].expected == "one of text");
    ArrowBench twice;
    CHECK(twice.chunk({text, text}).refusal() == "two columns 'text'");
    ArrowBench column;
    CHECK(column.whole(text).refusal() == "records of type string");
    ArrowBench both;
    CHECK(both.set("pair", "text").set("pair_input_ids", "ids").chunk({text, list_column("ids", {{1}})}).refusal() == "pairs as texts and as ids");
}

TEST_CASE("arrow: without records it says how to lend some") {
    embedloom::support::PluginBench bench(arrow_plugin, "arrow");
    CHECK(bench.configure() == EL_BAD_CONFIG);
    CHECK(bench.problems.found() == "no records");
    CHECK(bench.problems.list[0].hint == "in Python: embedloom.open(config, records=table); for files: jsonl or text");
}

TEST_CASE("arrow: a place where no row starts is refused") {
    ArrowBench bench;
    const OpenSource& source = bench.chunk({text_column("text", {"one", "two"})}).open();
    for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{8}, UINT64_MAX}) CHECK(source.read_ids({id}).status == EL_BAD_DATA);
}
