// Starts come back as they went in, from memory and from a file, and a file that is not whole is none.
#include <embedloom/run/record_index.h>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

#include <random>

using namespace embedloom;
using run::IndexWriter;
using run::RecordIndex;

namespace {

/// Ascending starts with gaps of all sizes, some beyond 32 bits.
std::vector<std::uint64_t> random_starts(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> starts(count);
    std::uint64_t at = random() % 3;
    for (std::uint64_t& start : starts) {
        start = at;
        at += 1 + (random() % 200 == 0 ? random() % (std::uint64_t{1} << 36) : random() % 500);
    }
    return starts;
}

void append_in_parts(IndexWriter& writer, const std::vector<std::uint64_t>& starts, std::size_t part) {
    for (std::size_t i = 0; i < starts.size(); i += part)
        writer.append(std::span(starts).subspan(i, std::min(part, starts.size() - i)));
    writer.pass_over(7);
}

void check_same(const RecordIndex& index, const std::vector<std::uint64_t>& starts) {
    REQUIRE(index.size() == starts.size());
    CHECK(index.passed_over() == 7);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < starts.size(); ++i) wrong += index.start(i) != starts[i];
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("record index: gives the starts it was given, in memory and from a file") {
    const support::TemporaryFolder folder;
    for (const std::size_t count : {0, 1, 63, 64, 65, 1000, 300'000}) {
        const auto starts = random_starts(count, count);
        IndexWriter in_memory;
        append_in_parts(in_memory, starts, 1 + count / 3);
        check_same(in_memory.finish(5), starts);
        const std::string path = (folder / ("index" + std::to_string(count))).string();
        {
            IndexWriter in_file(path);
            append_in_parts(in_file, starts, 1 + count / 7);
            check_same(in_file.finish(5), starts);
        }
        const auto again = RecordIndex::open(path, 5);
        REQUIRE(again);
        check_same(*again, starts);
    }
}

TEST_CASE("record index: a file that is cut, longer, of other data or of another version is none") {
    const support::TemporaryFolder folder;
    const auto starts = random_starts(100, 1);
    const std::string path = (folder / "index").string();
    IndexWriter writer(path);
    append_in_parts(writer, starts, 100);
    writer.finish(9);
    CHECK(RecordIndex::open(path, 9));
    CHECK_FALSE(RecordIndex::open(path, 10));
    CHECK_FALSE(RecordIndex::open((folder / "nothing").string(), 9));
    const std::string whole = support::read_file(path);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        folder.write("cut", whole.substr(0, size));
        CHECK_FALSE(RecordIndex::open((folder / "cut").string(), 9));
    }
    folder.write("long", whole + "x");
    CHECK_FALSE(RecordIndex::open((folder / "long").string(), 9));
    for (std::size_t i = whole.size() - 40; i < whole.size(); ++i) {
        if (i >= whole.size() - 32 && i < whole.size() - 24) continue;  // what was passed over: any number can be
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 0x80);
        folder.write("changed", changed);
        INFO(i);
        CHECK_FALSE(RecordIndex::open((folder / "changed").string(), 9));
    }
}

TEST_CASE("record index: a writer that does not finish leaves nothing") {
    const support::TemporaryFolder folder;
    {
        IndexWriter writer((folder / "index").string());
        append_in_parts(writer, random_starts(1000, 2), 10);
    }
    CHECK(std::filesystem::is_empty(folder.path()));
}
