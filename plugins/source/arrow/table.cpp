// Finding of rows by the bytes where they start: a search among every 64th, then steps.
#include "table.h"

#include <algorithm>

namespace embedloom::source {

namespace {

sdk::Error bad_memory(const std::string& what, const Flaw& flaw) {
    return {.code = EL_BAD_DATA, .source = "records", .found = what + ": " + flaw.found, .expected = flaw.expected,
            .hint = "whoever made the table broke its memory: this is a bug there"};
}

sdk::Error too_large() { return {.code = EL_BAD_DATA, .source = "records", .found = "a table of more than 2^63 bytes", .expected = "less"}; }

}  // namespace

Table::Table(const el_records& lent, std::span<const UsedColumn> used) {
    for (std::uint64_t i = 0; i < lent.chunk_count; ++i) add(*lent.chunks[i], used);
}

void Table::add(const ArrowArray& array, std::span<const UsedColumn> used) {
    Chunk chunk{.first = rows_, .begin = bytes_, .valid = {}, .columns = {}, .blocks = {}};
    try {
        check_array(array, {.buffers = 1, .children = 0}, {});
        chunk.valid = validity_of(array, 0);
    } catch (const Flaw& flaw) {
        throw bad_memory("row " + std::to_string(rows_), flaw);
    }
    chunk.rows = static_cast<std::uint64_t>(array.length);
    if (chunk.rows == 0) return;
    add_columns(chunk, array, used);
    std::uint64_t at = 0;
    constexpr std::uint64_t most = std::uint64_t{1} << 63;
    for (std::uint64_t row = 0; row < chunk.rows; ++row) {
        if (row % block_rows == 0) chunk.blocks.push_back(at);
        at += bytes_of(chunk, row);  // each at most 8 columns of 2^50
        if (at >= most - bytes_) throw too_large();
    }
    bytes_ += at;
    rows_ += chunk.rows;
    chunks_.push_back(std::move(chunk));
}

void Table::add_columns(Chunk& chunk, const ArrowArray& array, std::span<const UsedColumn> used) const {
    const Slice slice{static_cast<std::uint64_t>(array.offset), chunk.rows};
    for (const UsedColumn& column : used) {
        const std::string name = "column '" + column.name + "'";
        try {
            if (column.child >= array.n_children || !array.children || !array.children[column.child])
                throw Flaw{0, "a chunk without it", "the columns of the schema"};
            chunk.columns.emplace_back(column.type, *array.children[column.child], slice);
        } catch (const Flaw& flaw) {
            throw bad_memory("row " + std::to_string(chunk.first + flaw.row) + ", " + name, flaw);
        }
    }
}

std::uint64_t Table::bytes_of(const Chunk& chunk, std::uint64_t row) {
    std::uint64_t sum = 1;
    if (chunk.valid.at(row))
        for (const Column& column : chunk.columns) sum += column.bytes(row);
    return sum;
}

TableRow Table::find(std::uint64_t id) const {
    if (id >= bytes_) return {.chunk = chunks_.size(), .row = 0, .id = bytes_};
    const auto after = std::ranges::upper_bound(chunks_, id, {}, &Chunk::begin);
    const Chunk& chunk = *std::prev(after);
    const auto block = std::prev(std::ranges::upper_bound(chunk.blocks, id - chunk.begin));
    TableRow row{.chunk = static_cast<std::size_t>(std::prev(after) - chunks_.begin()),
                 .row = static_cast<std::uint64_t>(block - chunk.blocks.begin()) * block_rows, .id = chunk.begin + *block};
    while (!is_end(row) && row.id < id) next(row);
    return row;
}

TableRow Table::at(std::uint64_t number) const {
    const auto after = std::ranges::upper_bound(chunks_, number, {}, &Chunk::first);
    const Chunk& chunk = *std::prev(after);
    const std::uint64_t block = (number - chunk.first) / block_rows;
    TableRow row{.chunk = static_cast<std::size_t>(std::prev(after) - chunks_.begin()), .row = block * block_rows,
                 .id = chunk.begin + chunk.blocks[block]};
    while (number_of(row) < number) next(row);
    return row;
}

void Table::next(TableRow& row) const {
    row.id += bytes_of(row);
    if (++row.row < chunks_[row.chunk].rows) return;
    ++row.chunk;
    row.row = 0;
}

}  // namespace embedloom::source
