// A source gives the same records however its bytes are cut into ranges, by however many threads, and the same as its twin.
#include "reading.h"
#include "reference/slow_records.h"
#include "support/catch.hpp"

#include <random>
#include <thread>

using namespace embedloom;
using namespace embedloom::source_tests;

namespace {

/// Hostile text: line ends of all kinds and in runs, half characters, and words.
std::string random_text(std::mt19937_64& random, std::size_t pieces) {
    static const std::vector<std::string> alphabet{"\n", "\n", "\r\n", "\r", "\n\n", "a", "word ", "\xC3\xA9", "\xE2\x82\xAC",
                                                   "\xF0\x9F\x98\x80", "\xF0\x9F", "\xFF", std::string(1, '\0'), "  "};
    std::string text;
    for (std::size_t i = 0; i < pieces; ++i) text += alphabet[random() % alphabet.size()];
    return text;
}

std::vector<std::uint64_t> random_cuts(std::mt19937_64& random, std::uint64_t bytes) {
    std::vector<std::uint64_t> cuts{0};
    while (cuts.back() < bytes) cuts.push_back(cuts.back() + 1 + random() % (random() % 3 ? 4 : 40));
    return cuts;
}

struct Whole {
    std::vector<Record> records;
    std::vector<std::pair<std::uint64_t, std::string>> problems;  // byte and what was found
    Scan scan;
    bool operator==(const Whole&) const = default;

    void add(const Read& read) {
        REQUIRE(read.status == EL_OK);
        records.insert(records.end(), read.records.begin(), read.records.end());
        for (const Problem& problem : read.problems) problems.emplace_back(problem.byte, problem.source + problem.found);
    }
    void add(const Scan& part) {
        scan.starts.insert(scan.starts.end(), part.starts.begin(), part.starts.end());
        scan.passed += part.passed;
    }
};

Whole read_in_pieces(const OpenSource& source, const std::vector<std::uint64_t>& cuts, unsigned threads) {
    std::vector<Read> reads(cuts.size() - 1);
    std::vector<Scan> scans(cuts.size() - 1);
    std::vector<std::thread> workers;
    for (unsigned t = 0; t < threads; ++t)
        workers.emplace_back([&, t] {
            for (std::size_t i = t; i + 1 < cuts.size(); i += threads) {
                reads[i] = source.read(cuts[i], cuts[i + 1]);
                scans[i] = source.scan(cuts[i], cuts[i + 1]);
            }
        });
    for (std::thread& worker : workers) worker.join();
    Whole whole;
    for (const Read& read : reads) whole.add(read);
    for (const Scan& scan : scans) whole.add(scan);
    return whole;
}

Whole read_whole(const OpenSource& source) {
    Whole whole;
    whole.add(source.read_all());
    whole.add(source.scan_all());
    return whole;
}

void check_any_split(SourceBench& bench, std::mt19937_64& random) {
    const OpenSource& source = bench.open();
    REQUIRE(source.status == EL_OK);
    const Whole whole = read_whole(source);
    std::vector<std::uint64_t> ids;
    for (const Record& record : whole.records) ids.push_back(record.id);
    CHECK(whole.scan.starts == ids);
    for (const unsigned threads : {1u, 2u, 4u}) {
        const auto cuts = random_cuts(random, source.extent.bytes);
        CHECK(read_in_pieces(source, cuts, threads) == whole);
    }
    std::vector<std::size_t> order(ids.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    std::vector<std::uint64_t> shuffled;
    for (const std::size_t i : order) shuffled.push_back(ids[i]);
    const Read by_id = source.read_ids(shuffled);
    REQUIRE(by_id.records.size() == ids.size());
    for (std::size_t i = 0; i < order.size(); ++i) REQUIRE(by_id.records[i] == whole.records[order[i]]);
}

}  // namespace

TEST_CASE("text: any split of the bytes gives the records of the whole", "[source]") {
    std::mt19937_64 random(20261124);
    for (int round = 0; round < 60; ++round)
        for (const char* records : {"lines", "paragraphs", "files"})
            for (const char* policy : {"refuse", "replace"}) {
                CAPTURE(round, records, policy);
                TextBench bench;
                bench.set("records", records).set("invalid_utf8", policy).set("max_record_bytes", round % 3 ? 1 << 20 : 9);
                for (int file = 0; file < 3; ++file) bench.file(std::to_string(file), random_text(random, random() % 50));
                check_any_split(bench, random);
            }
}

TEST_CASE("jsonl: any split of the bytes gives the records of the whole", "[source]") {  // J22
    static const std::vector<std::string> lines{R"({"text":"a"})", R"({"text":"\u00e9\n","x":[1,{}]})", "", R"({"text":)", "{}",
                                                "{\"text\":\"\xFF\"}", R"({"text":"\ud800"})", "\r", R"({"text":"longer than most"} )"};
    std::mt19937_64 random(7);
    for (int round = 0; round < 100; ++round) {
        CAPTURE(round);
        JsonlBench bench;
        bench.set("max_record_bytes", round % 2 ? 1 << 20 : 20);
        for (int file = 0; file < 2; ++file) {
            std::string content;
            for (std::uint64_t i = random() % 20; i > 0; --i) content += lines[random() % lines.size()] + (random() % 4 ? "\n" : "\r\n");
            if (random() % 2) content += R"({"text":"last"})";
            bench.file(std::to_string(file), content);
        }
        check_any_split(bench, random);
    }
}

TEST_CASE("text: records are those of the slow twin", "[source]") {
    std::mt19937_64 random(3);
    for (int round = 0; round < 300; ++round) {
        const std::string content = random_text(random, random() % 60);
        CAPTURE(round, content);
        for (const bool paragraphs : {false, true}) {
            TextBench bench;
            bench.set("records", paragraphs ? "paragraphs" : "lines").set("invalid_utf8", "replace");
            const Read read = bench.file("a", content).open().read_all();
            const auto expected =
                paragraphs ? reference::slow_records_of_paragraphs(content) : reference::slow_records_of_lines(content);
            REQUIRE(read.records.size() == expected.size());
            for (std::size_t i = 0; i < expected.size(); ++i) {
                CHECK(read.records[i].id == expected[i].id);
                CHECK(read.records[i].bytes == expected[i].bytes);
                CHECK(read.records[i].texts[0] == reference::slow_replaced(expected[i].text));
            }
        }
    }
}

TEST_CASE("text: lines longer than the read buffer are whole, wherever ranges end", "[source]") {
    std::mt19937_64 random(5);
    std::string content;
    std::vector<std::string> lines;
    for (const std::size_t size : {600000u, 3u, 262144u, 262143u, 1u, 300000u}) {
        lines.push_back(std::string(size, static_cast<char>('a' + lines.size())) + "\xC3\xA9");
        content += lines.back() + "\n";
    }
    TextBench bench;
    const OpenSource& source = bench.file("a", content).open();
    CHECK(source.read_all().texts() == lines);
    std::vector<std::string> texts;
    for (std::uint64_t at = 0; at < content.size();) {
        const std::uint64_t next = at + 1 + random() % 200000;
        for (const std::string& text : source.read(at, next).texts()) texts.push_back(text);
        at = next;
    }
    CHECK(texts == lines);
}
