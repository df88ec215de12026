// The numbers in which the rows of windows and parts are counted, 32 bits each.
#pragma once

#include <embedloom/base/error.h>

#include <cstdint>
#include <string>

namespace embedloom::run {

/// Of a window, or of a part that is a range of bytes: how many rows it makes, and whether there are bad records in it. Of a part that is
/// a few records: a bit for each, from the lowest on, 1 where it makes a row.
constexpr std::uint32_t has_bad_records = std::uint32_t{1} << 31;

/// Throws base::Failure (internal) for more rows than the bits below hold, which no memory could.
inline std::uint32_t counted_rows(std::uint64_t rows, bool has_bad) {
    if (rows >= has_bad_records)
        throw base::Failure({.code = base::Code::internal, .found = std::to_string(rows) + " rows in one window", .expected = "less than 2^31"});
    return static_cast<std::uint32_t>(rows) | (has_bad ? has_bad_records : 0);
}

}  // namespace embedloom::run
