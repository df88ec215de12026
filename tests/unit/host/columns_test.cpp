// Columns: how they grow, what they refuse, and that they notice who writes too far.
#include <embedloom/host/columns.h>

#include <cstring>

#include "support/catch.hpp"

using embedloom::host::Columns;

namespace {

/// A plugin's side of a column.
struct Plugin {
    const el_writer* writer;
    void* reserve(std::uint32_t column, std::uint64_t bytes) const { return writer->reserve(writer->host, column, bytes); }
    el_status commit(std::uint32_t column, std::uint64_t bytes) const { return writer->commit(writer->host, column, bytes); }
};

}  // namespace

TEST_CASE("columns: hold what was committed, 64-byte aligned, however they grew") {
    Columns columns;
    columns.begin(2);
    const Plugin plugin{columns.writer()};
    CHECK(plugin.writer->column_count == 2);
    for (std::uint32_t i = 0; i < 100000; ++i) {
        std::memcpy(plugin.reserve(i % 2, 4096), &i, 4);
        REQUIRE(plugin.commit(i % 2, 4) == EL_OK);
    }
    const auto even = columns.get<std::uint32_t>(0), odd = columns.get<std::uint32_t>(1);
    REQUIRE(even.size() == 50000);
    for (std::uint32_t i = 0; i < 50000; ++i)
        if (even[i] != 2 * i || odd[i] != 2 * i + 1) FAIL("value " << i);
    CHECK(reinterpret_cast<std::uintptr_t>(even.data()) % 64 == 0);
    CHECK(columns.overrun_column() == EL_NONE);
}

TEST_CASE("columns: begin forgets and keeps the memory") {
    Columns columns;
    columns.begin(1);
    const Plugin plugin{columns.writer()};
    plugin.reserve(0, 1 << 20);
    plugin.commit(0, 1 << 20);
    const std::uint64_t held = columns.capacity();
    columns.begin(1);
    CHECK(columns.bytes(0) == 0);
    plugin.reserve(0, 1 << 20);
    CHECK(columns.capacity() == held);
}

TEST_CASE("columns: all together keep to the limit, and no size can wrap around it") {
    Columns columns(100000);
    columns.begin(2);
    const Plugin plugin{columns.writer()};
    REQUIRE(plugin.reserve(0, 60000));
    CHECK(plugin.reserve(1, 60000) == nullptr);
    CHECK(columns.is_limit_reached());
    REQUIRE(plugin.reserve(1, 30000));
    CHECK(plugin.reserve(0, ~std::uint64_t{0}) == nullptr);
    CHECK(plugin.reserve(0, ~std::uint64_t{0} - 15) == nullptr);
    CHECK(plugin.commit(0, 1) == EL_INTERNAL);
    CHECK(columns.capacity() < 100000 + 128);
}

TEST_CASE("columns: a column that is not there takes nothing") {
    Columns columns;
    columns.begin(1);
    const Plugin plugin{columns.writer()};
    CHECK(plugin.reserve(1, 8) == nullptr);
    CHECK(plugin.commit(1, 0) == EL_INTERNAL);
    CHECK(columns.get<char>(1).empty());
}

TEST_CASE("columns: bytes that are no whole values give no values") {
    Columns columns;
    columns.begin(1);
    const Plugin plugin{columns.writer()};
    plugin.reserve(0, 6);
    plugin.commit(0, 6);
    CHECK_FALSE(columns.holds_whole(0, 4));
    CHECK(columns.get<std::uint32_t>(0).empty());
    CHECK(columns.get<std::uint16_t>(0).size() == 3);
}

TEST_CASE("columns: one byte beyond what was reserved is noticed at the next step of any kind") {
    const auto write_too_far = [](const Plugin& plugin) { std::memset(plugin.reserve(0, 100), 0, 101); };
    Columns columns;
    const Plugin plugin{columns.writer()};
    columns.begin(1);
    write_too_far(plugin);
    CHECK(columns.overrun_column() == 0);
    columns.begin(1);
    CHECK(columns.overrun_column() == EL_NONE);
    write_too_far(plugin);
    CHECK(plugin.commit(0, 100) == EL_INTERNAL);
    CHECK(columns.overrun_column() == 0);
    columns.begin(1);
    write_too_far(plugin);
    plugin.reserve(0, 5000);
    CHECK(columns.overrun_column() == 0);
    columns.begin(1);
    plugin.reserve(0, 8);
    CHECK(plugin.commit(0, 9) == EL_INTERNAL);
    CHECK(columns.overrun_column() == 0);
}
