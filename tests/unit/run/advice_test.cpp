// What is said of the last batch, and what need not be counted for that.
#include <embedloom/run/advice.h>

#include "support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace embedloom;

namespace {

/// Three rows a window; notes which epochs it was asked for.
class Noting final : public loom::RowCounts {
  public:
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t) const override { return asked.push_back(epoch), 3; }
    mutable std::vector<std::uint64_t> asked;
};

std::vector<std::pair<base::Severity, std::string>> said(const loom::Shape& shape, const loom::RowCounts& counts, std::uint64_t epoch) {
    std::vector<std::pair<base::Severity, std::string>> lines;
    run::say_last_batch([&](base::Severity severity, std::string_view text) { lines.emplace_back(severity, text); }, shape, counts, epoch);
    return lines;
}

}  // namespace

TEST_CASE("advice: a last batch without rows for some ranks is a warning where one epoch is all") {
    const Noting counts;
    loom::Shape shape{.windows = 3, .batch = 8, .epochs = 6, .world = 2};
    const auto lines = said(shape, counts, 5);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].first == base::Severity::warning);
    CHECK_THAT(lines[0].second, Catch::Contains("of step 1, has 1 row for 2 ranks"));
    CHECK(counts.asked == std::vector<std::uint64_t>{5, 5, 5});
    for (const loom::Tail tail : {loom::Tail::drop, loom::Tail::wrap}) {
        shape.tail = tail;
        CHECK(said(shape, counts, 5).empty());
    }
    shape.tail = loom::Tail::short_batch;
    shape.batch = 9;
    CHECK(said(shape, counts, 5).empty());
}

TEST_CASE("advice: the rows of later epochs are not counted to say something of the last batch") {
    const Noting counts;
    const auto lines = said({.windows = 3, .batch = 8, .epochs = 6, .world = 2}, counts, 0);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].first == base::Severity::note);
    CHECK(said({.windows = 3, .batch = 8, .epochs = 6, .steps = 4, .world = 2}, counts, 0).empty());
    CHECK(said({.windows = 3, .batch = 8, .epochs = std::nullopt, .world = 2}, counts, 0).empty());
    CHECK(counts.asked.empty());
}
