// The rows of one window, as they wait for their batch: never padded, ids in 4 bytes.
#pragma once

#include <embedloom/abi/types.h>
#include <embedloom/base/error.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace embedloom::run {

/// What the columns of an objective hold for the rows of a window: bytes of its dtype, along its axis.
struct ColumnValues {
    std::vector<std::byte> bytes;
};

/// A record that made no row, and why.
struct BadRecord {
    std::uint64_t record;  ///< its id
    base::Error error;
};

/// One slot of the engine: filled by one make_window, read by many strips, reused. Row r has tokens
/// [row_ends[r - 1], row_ends[r]). Vectors keep their memory between uses.
struct WindowRows {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    std::vector<std::uint64_t> row_ends;
    std::vector<std::uint32_t> ids;
    std::vector<std::uint16_t> segments;      ///< what token_type_ids says
    std::vector<std::uint8_t> special;        ///< 1: a token of the template, or a special token in the text
    std::vector<std::int8_t> texts;           ///< which text of the record a token is from: 0, 1; -1: a template's token
    std::vector<std::uint32_t> words;         ///< only when an objective needs them
    std::vector<std::uint32_t> offsets;       ///< [tokens, 2] only when offset_mapping is emitted
    std::vector<ColumnValues> columns;        ///< one for each column of the objective
    std::vector<std::uint64_t> records;       ///< [rows] the record a row is from
    std::vector<std::int64_t> table_rows;     ///< [rows] the record's number in a table, where its source counts them
    std::vector<std::int64_t> integer_labels; ///< [rows] when records have an integer label
    std::vector<float> number_labels;         ///< [rows] when they have a real one
    std::uint64_t records_read = 0;
    std::vector<BadRecord> bad;

    std::uint32_t row_count() const { return static_cast<std::uint32_t>(row_ends.size()); }
    std::uint64_t row_begin(std::uint32_t row) const { return row ? row_ends[row - 1] : 0; }
    std::uint32_t row_length(std::uint32_t row) const {
        return static_cast<std::uint32_t>(row_ends[row] - row_begin(row));
    }
    /// Bytes that the rows take, for the engine's budget.
    std::uint64_t bytes() const;
    /// Forgets the rows, keeps the memory.
    void clear();
};

}  // namespace embedloom::run
