// Finding ids that no table row belongs to.
#include <embedloom/embed/ids.h>

#include <limits>
#include <vector>

#include "each_instruction_set.h"

using namespace embedloom;
using namespace embedloom::test;

TEST_CASE("ids: the first bad one is found wherever it stands", "[embed]") {
    with_each_instruction_set([] {
        for (const std::int64_t bad :
             {std::int64_t{-1}, std::int64_t{100}, std::int64_t{1} << 40,
              std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
            for (std::size_t at = 0; at < 1300; at += 7) {
                std::vector<std::int64_t> ids(1300, 99);
                ids[at] = bad;
                ids.back() = -5;
                REQUIRE(embed::find_out_of_range(ids, 100) == at);
            }
        }
    });
}

TEST_CASE("ids: good ones and none at all are good", "[embed]") {
    with_each_instruction_set([] {
        for (std::size_t count : {0, 1, 511, 512, 513, 2048}) {
            std::vector<std::int64_t> ids(count);
            for (std::size_t i = 0; i < count; ++i) ids[i] = static_cast<std::int64_t>(i % 100);
            CHECK(embed::find_out_of_range(ids, 100) == std::nullopt);
        }
        CHECK(embed::find_out_of_range({}, 0) == std::nullopt);
    });
}

TEST_CASE("ids: a table without rows has no good id, one with 2^64 - 1 rows has all that are not negative",
          "[embed]") {
    const std::vector<std::int64_t> ids = {0, std::int64_t{1} << 62, -1};
    CHECK(embed::find_out_of_range(ids, 0) == 0u);
    CHECK(embed::find_out_of_range(ids, std::numeric_limits<std::uint64_t>::max()) == 2u);
}
