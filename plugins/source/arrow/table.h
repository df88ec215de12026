// A lent table as a source has it: its rows laid end to end, each from the byte after the one before.
#pragma once

#include "column.h"

#include <embedloom/sdk/source.h>

#include <span>
#include <string>
#include <vector>

namespace embedloom::source {

/// A column of the table that records take a field from.
struct UsedColumn {
    std::string name;         ///< in the table
    std::uint32_t child = 0;  ///< its number there
    Type type;
};

/// A row, and where it starts in the source. `chunk` is that behind the last at the end.
struct TableRow {
    std::size_t chunk = 0;
    std::uint64_t row = 0;  ///< within the chunk
    std::uint64_t id = 0;
};

/// A row of T text bytes and N tokens takes T + 4 N + 1 bytes: one column of texts is laid out as a file of lines would be, however
/// the table is cut into chunks and whatever type its texts have. Const calls [any-thread].
class Table {
  public:
    /// Checks the memory of all used columns. Throws sdk::Error (EL_BAD_DATA) that names column and row.
    Table(const el_records& lent, std::span<const UsedColumn> used);

    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t rows() const { return rows_; }

    /// The first row that starts at `id` or behind it.
    TableRow find(std::uint64_t id) const;
    /// Row `number` of the table, below rows().
    TableRow at(std::uint64_t number) const;
    bool is_end(const TableRow& row) const { return row.chunk == chunks_.size(); }
    void next(TableRow& row) const;

    std::uint64_t number_of(const TableRow& row) const { return chunks_[row.chunk].first + row.row; }
    /// The bytes that it takes.
    std::uint64_t bytes_of(const TableRow& row) const { return bytes_of(chunks_[row.chunk], row.row); }
    /// A used column, by its number among them.
    const Column& column(const TableRow& row, std::size_t used) const { return chunks_[row.chunk].columns[used]; }
    bool is_null(const TableRow& row, std::size_t used) const {
        const Chunk& chunk = chunks_[row.chunk];
        return !chunk.valid.at(row.row) || chunk.columns[used].is_null(row.row);
    }

  private:
    static constexpr std::uint64_t block_rows = 64;
    struct Chunk {
        std::uint64_t first = 0, rows = 0;  // of the table
        std::uint64_t begin = 0;            // in the source
        Bits valid;                         // of whole rows
        std::vector<Column> columns;
        std::vector<std::uint64_t> blocks;  // where every 64th row starts, from `begin` on
    };
    static std::uint64_t bytes_of(const Chunk& chunk, std::uint64_t row);
    void add(const ArrowArray& array, std::span<const UsedColumn> used);
    void add_columns(Chunk& chunk, const ArrowArray& array, std::span<const UsedColumn> used) const;

    std::vector<Chunk> chunks_;  // of a row at least
    std::uint64_t bytes_ = 0, rows_ = 0;
};

}  // namespace embedloom::source
