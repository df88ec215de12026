// Size and reuse of a window's memory.
#include <embedloom/run/window_rows.h>

namespace embedloom::run {

namespace {

template <class T>
std::uint64_t bytes_of(const std::vector<T>& values) {
    return values.capacity() * sizeof(T);
}

}  // namespace

std::uint64_t WindowRows::bytes() const {
    std::uint64_t sum = bytes_of(row_ends) + bytes_of(ids) + bytes_of(segments) + bytes_of(special) + bytes_of(texts) +
                        bytes_of(words) + bytes_of(offsets) + bytes_of(records) + bytes_of(table_rows) + bytes_of(integer_labels) +
                        bytes_of(number_labels);
    for (const ColumnValues& column : columns) sum += bytes_of(column.bytes);
    return sum;
}

void WindowRows::clear() {
    row_ends.clear();
    ids.clear();
    segments.clear();
    special.clear();
    texts.clear();
    words.clear();
    offsets.clear();
    for (ColumnValues& column : columns) column.bytes.clear();
    records.clear();
    table_rows.clear();
    integer_labels.clear();
    number_labels.clear();
    records_read = 0;
    bad.clear();
}

}  // namespace embedloom::run
