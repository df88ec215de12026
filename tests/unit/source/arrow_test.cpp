// Source "arrow": which rows are records, where each starts, and what is said of the others.
#include "arrow_table.h"
#include "support/catch.hpp"

using namespace embedloom::source_tests;
using Texts = std::vector<std::string>;
using Ids = std::vector<std::uint64_t>;
using Integers = std::vector<std::int64_t>;

namespace {

const std::string long_text = "a text of more than twelve bytes, é";

OptionalTexts some(std::size_t count) {
    OptionalTexts out;
    for (std::size_t i = 0; i < count; ++i) out.emplace_back(std::string(i % 23, static_cast<char>('a' + i % 26)));
    return out;
}

/// The table's texts in chunks of so many rows, none of them in every third chunk.
ArrowBench& in_chunks(ArrowBench& bench, const OptionalTexts& texts, std::size_t rows) {
    for (std::size_t begin = 0, number = 0; begin < texts.size(); ++number) {
        const std::size_t end = number % 3 == 1 ? begin : std::min(texts.size(), begin + rows);
        bench.chunk({text_column("text", {texts.begin() + static_cast<std::ptrdiff_t>(begin), texts.begin() + static_cast<std::ptrdiff_t>(end)})});
        begin = end;
    }
    return bench;
}

}  // namespace

TEST_CASE("arrow: a row starts where its line would, were the texts a file of lines") {
    ArrowBench bench;
    const Read read = bench.chunk({text_column("text", {"one", "", "three"})}).open().read_all();
    CHECK(read.texts() == Texts{"one", "", "three"});
    CHECK(read.ids() == Ids{0, 4, 5});
    CHECK(read.records[2].bytes == 6);
    CHECK(bench.source->extent.bytes == 11);
    CHECK(bench.source->extent.files[0].flags == EL_FILE_IN_MEMORY);
    CHECK(bench.source->scan_all().starts == Ids{0, 4, 5});
}

TEST_CASE("arrow: texts of every type are the same records, at the same places") {
    const OptionalTexts texts{"short", long_text, "", "twelve bytes", "thirteen byte"};
    const auto read = [](const ArrowColumn& column) {
        ArrowBench bench;
        bench.chunk({column});
        return bench.open().read_all().records;
    };
    const auto wanted = read(text_column("text", texts));
    REQUIRE(wanted.size() == 5);
    CHECK(read(text_column("text", texts, "U")) == wanted);
    CHECK(read(view_column("text", texts)) == wanted);
    for (const bool views : {false, true}) {
        ArrowColumn keys = number_column<std::int8_t>("text", "c", {2, 0, 4, 1, 3});
        const OptionalTexts values{long_text, "twelve bytes", "short", "thirteen byte", ""};
        keys.dictionary = std::make_shared<ArrowColumn>(views ? view_column("", values) : text_column("", values));
        CHECK(read(keys) == wanted);
    }
}

TEST_CASE("arrow: chunks, and chunks of no rows, change nothing") {
    const OptionalTexts texts = some(300);
    ArrowBench whole;
    const auto wanted = whole.chunk({text_column("text", texts)}).open().read_all();
    for (const std::size_t rows : {1u, 7u, 64u, 65u, 200u}) {
        CAPTURE(rows);
        ArrowBench cut;
        const OpenSource& source = in_chunks(cut, texts, rows).open();
        CHECK(source.read_all().records == wanted.records);
        CHECK(source.extent.bytes == whole.source->extent.bytes);
        CHECK(std::string(source.extent.files[0].digest.data, 32) == std::string(whole.source->extent.files[0].digest.data, 32));
        const Read backwards = source.read_ids({wanted.records[299].id, wanted.records[64].id, wanted.records[0].id});
        CHECK(backwards.texts() == Texts{*texts[299], *texts[64], *texts[0]});
    }
}

TEST_CASE("arrow: every cut of the bytes into two gives each row once") {
    ArrowBench bench;
    const OpenSource& source = in_chunks(bench, some(70), 9).open();
    const Ids all = source.scan_all().starts;
    for (std::uint64_t cut = 0; cut <= source.extent.bytes; ++cut) {
        Ids both = source.scan(0, cut).starts;
        for (const std::uint64_t start : source.read(cut, source.extent.bytes).ids()) both.push_back(start);
        REQUIRE(both == all);
    }
}

TEST_CASE("arrow: slices begin where they say, of columns and of the whole table") {
    const OptionalTexts texts{"hidden", "hidden", "one", long_text, std::nullopt};
    ArrowColumn text = text_column("text", texts), view = view_column("pair", texts);
    text.offset = view.offset = 2;
    ArrowColumn label = number_column<std::int16_t>("label", "s", {0, 0, 5, -6, 7});
    label.offset = 2;
    ArrowBench bench;
    Read read = bench.set("pair", "pair").set("label", "label").chunk({text, view, label}).open().read_all();
    CHECK(read.texts(0) == Texts{"one", long_text, "<bad>"});
    CHECK(read.texts(1) == Texts{"one", long_text, "<bad>"});
    CHECK(read.records[1].integers == Integers{-6, 1});

    ArrowColumn whole{"", "+s", 5, {nullptr}, 0, 3, {text_column("text", texts)}};
    ArrowBench sliced;
    read = sliced.whole(whole).open().read_all();
    CHECK(read.texts() == Texts{long_text, "<bad>"});
    CHECK(read.records[0].integers == Integers{0});
}

TEST_CASE("arrow: nulls are bad records that name column and row, in texts, dictionaries, labels and whole rows") {
    const auto problems = [](ArrowBench& bench) {
        Texts out;
        const Read read = bench.open().read_all();
        for (const Problem& problem : read.problems) out.push_back(std::to_string(problem.record) + ": " + problem.found);
        return out;
    };
    ArrowBench plain;
    CHECK(problems(plain.chunk({text_column("text", {"a"})}).chunk({text_column("text", {"b", std::nullopt, "c"})})) ==
          Texts{"2: a null in column 'text' of row 2"});
    ArrowBench views;
    CHECK(problems(views.chunk({view_column("text", {std::nullopt, "b"})})) == Texts{"0: a null in column 'text' of row 0"});
    ArrowColumn keys = number_column<std::uint32_t>("text", "I", {0, 1});
    keys.dictionary = std::make_shared<ArrowColumn>(text_column("", {"a", std::nullopt}));
    ArrowBench dictionary;
    CHECK(problems(dictionary.chunk({keys})) == Texts{"1: a null in column 'text' of row 1"});
    const ArrowColumn label{"label", "g", 2, {block(std::vector<unsigned char>{1}), block(std::vector{1.5, 2.5})}, 1};
    ArrowBench labels;
    CHECK(problems(labels.set("label", "label").chunk({text_column("text", {"a", "b"}), label})) == Texts{"1: a null in column 'label' of row 1"});
    ArrowColumn whole{"", "+s", 2, {block(std::vector<unsigned char>{2})}, 1, 0, {text_column("text", {"a", "b"})}};
    ArrowBench rows;
    CHECK(problems(rows.whole(whole)) == Texts{"0: a null in column 'text' of row 0"});
}

TEST_CASE("arrow: bytes that are no UTF-8 are bad records that name byte, column and row; the others are read") {
    ArrowBench bench;
    const Read read = bench.chunk({text_column("text", {"good", "ab\xC3(", "é"})}).open().read_all();
    CHECK(read.texts() == Texts{"good", "<bad>", "é"});
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].found == "the byte C3 at byte 2 in column 'text' of row 1");
    CHECK(read.problems[0].code == EL_BAD_DATA);
}

TEST_CASE("arrow: labels of every type") {
    const auto label = [](const ArrowColumn& column) {
        ArrowBench bench;
        return bench.set("label", "label").chunk({text_column("text", {"a", "b"}), column}).open().read_all();
    };
    const auto integers = [&](const ArrowColumn& column) {
        const Read read = label(column);
        return Integers{read.records[0].integers[0], read.records[1].integers[0]};
    };
    CHECK(integers(number_column<std::int8_t>("label", "c", {-1, 2})) == Integers{-1, 2});
    CHECK(integers(number_column<std::uint8_t>("label", "C", {255, 2})) == Integers{255, 2});
    CHECK(integers(number_column<std::uint16_t>("label", "S", {65535, 2})) == Integers{65535, 2});
    CHECK(integers(number_column<std::uint32_t>("label", "I", {4294967295, 2})) == Integers{4294967295, 2});
    CHECK(integers(number_column<std::int64_t>("label", "l", {INT64_MIN, INT64_MAX})) == Integers{INT64_MIN, INT64_MAX});
    CHECK(integers({"label", "b", 2, {nullptr, block(std::vector<unsigned char>{2})}}) == Integers{0, 1});
    CHECK(label(number_column<double>("label", "g", {0.25, 2})).records[0].numbers == std::vector{0.25});
    CHECK(label(number_column<float>("label", "f", {0.25F, 2})).records[0].numbers == std::vector{0.25});
    CHECK(label(number_column<std::uint16_t>("label", "e", {0x3555, 0x8001})).records[0].numbers == std::vector{0.333251953125});
    CHECK(label(number_column<std::uint16_t>("label", "e", {0x3555, 0x8001})).records[1].numbers == std::vector{-0x1p-24});
    CHECK(label(number_column<double>("label", "g", {3.4028235e38, -3.4028235e38})).records[1].numbers == std::vector{-3.4028235e38});
    const auto problem = [&](const ArrowColumn& column) {
        const Read read = label(column);
        REQUIRE(read.problems.size() == 1);
        return read.problems[0].found + " | " + read.problems[0].expected;
    };
    CHECK(problem(number_column<std::uint64_t>("label", "L", {UINT64_MAX, 7})) ==
          "a label beyond 64 bits with sign in column 'label' of row 0 | one from -2^63 to 2^63 - 1");
    const std::string place = " in column 'label' of row 0 | a finite float32, from -3.4028235e+38 to 3.4028235e+38";
    CHECK(problem(number_column<double>("label", "g", {NAN, 7})) == "the label nan" + place);
    CHECK(problem(number_column<std::uint16_t>("label", "e", {0x7C00, 7})) == "the label inf" + place);
    CHECK(problem(number_column<double>("label", "g", {1e300, 7})) == "the label 1e+300" + place);
    CHECK(problem(number_column<double>("label", "g", {-3.5e38, 7})) == "the label -3.5e+38" + place);
}

TEST_CASE("arrow: ids of every width are tokens, whatever else is in the table") {
    const auto tokens = [](ArrowColumn ids) {
        ArrowBench bench;
        const Read read = bench.set("input_ids", "ids").chunk({std::move(ids)}).open().read_all();
        REQUIRE(read.problems.empty());
        std::vector<std::vector<std::uint32_t>> out;
        for (const Record& record : read.records) out.push_back(record.tokens[0]);
        return out;
    };
    const std::vector<std::vector<std::uint32_t>> wanted{{5, 6}, {}, {7}};
    CHECK(tokens(list_column("ids", {{5, 6}, {}, {7}})) == wanted);
    ArrowColumn narrow = list_column("ids", {{5, 6}, {}, {7}});
    narrow.children[0] = number_column<std::uint16_t>("item", "S", {5, 6, 7});
    CHECK(tokens(narrow) == wanted);
    ArrowColumn large = list_column("ids", {{5, 6}, {}, {7}});
    large.format = "+L";
    large.blocks[1] = block(std::vector<std::int64_t>{0, 2, 2, 3});
    CHECK(tokens(large) == wanted);
    ArrowColumn items = number_column<std::int32_t>("item", "i", {9, 9, 1, 2, 3, 4});
    items.offset = 2;
    ArrowColumn fixed{"ids", "+w:2", 2, {nullptr}, 0, 0, {items}};
    CHECK(tokens(fixed) == std::vector<std::vector<std::uint32_t>>{{1, 2}, {3, 4}});
    fixed.offset = 1;
    CHECK(tokens(fixed) == std::vector<std::vector<std::uint32_t>>{{3, 4}});
}

TEST_CASE("arrow: ids count four bytes each for a row's place, and stand beside texts and pairs") {
    ArrowBench bench;
    const Read read = bench.set("pair_input_ids", "ids").chunk({text_column("text", {"ab", "c"}), list_column("ids", {{1, 2, 3}, {}})}).open().read_all();
    CHECK(read.ids() == Ids{0, 15});
    CHECK(read.records[0].texts == Texts{"ab"});
    CHECK(read.records[0].tokens == std::vector<std::vector<std::uint32_t>>{{1, 2, 3}});
}

TEST_CASE("arrow: ids that are none are bad records that name token and value") {
    ArrowColumn ids = list_column("ids", {{1, -1}, {4294967295}, {4294967294}, {8, 9}});
    ids.children[0].nulls = 1;
    ids.children[0].blocks[0] = block(std::vector<unsigned char>{0b011111});
    ArrowBench bench;
    const Read read = bench.set("input_ids", "ids").chunk({ids}).open().read_all();
    REQUIRE(read.problems.size() == 3);
    CHECK(read.problems[0].found == "token 1 in column 'ids' of row 0: -1");
    CHECK(read.problems[0].expected == "an id from 0 to 4294967294");
    CHECK(read.problems[1].found == "token 0 in column 'ids' of row 1: 4294967295");
    CHECK(read.problems[2].found == "token 1 in column 'ids' of row 3: null");
    CHECK(read.records[2].tokens == std::vector<std::vector<std::uint32_t>>{{4294967294}});
}

TEST_CASE("arrow: a row of too many bytes is a bad record") {
    ArrowBench bench;
    const Read read = bench.set("max_record_bytes", 4).chunk({text_column("text", {"four", "fives"})}).open().read_all();
    CHECK(read.texts() == Texts{"four", "<bad>"});
    CHECK(read.problems[0].found == "5 bytes in row 1");
}

TEST_CASE("arrow: the digest tells tables apart by any length, a sampled text, a label's type") {
    const auto digest = [](std::vector<ArrowColumn> columns) {
        ArrowBench bench;
        if (columns.size() > 1) bench.set("label", "label");
        const OpenSource& source = bench.chunk(std::move(columns)).open();
        return std::string(source.extent.files[0].digest.data, source.extent.files[0].digest.size);
    };
    OptionalTexts texts = some(5000);
    const std::string first = digest({text_column("text", texts)});
    CHECK(digest({view_column("text", texts)}) == first);
    std::swap(texts[2500], texts[2510]);
    CHECK(digest({text_column("text", texts)}) != first);
    CHECK(digest({text_column("text", {"a"}), number_column<std::int32_t>("label", "i", {1})}) ==
          digest({text_column("text", {"a"}), number_column<std::int8_t>("label", "c", {1})}));
    CHECK(digest({text_column("text", {"a"}), number_column<std::int32_t>("label", "i", {1})}) !=
          digest({text_column("text", {"a"}), number_column<float>("label", "f", {1})}));
}
