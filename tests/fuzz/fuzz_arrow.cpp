// Lends tables whose columns have arbitrary offsets, views, keys and counts: they are refused, or all of their rows are read within their memory.
// link: plugin_source_common
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "source/arrow/column.cpp"
#include "source/arrow/table.cpp"
#include "source/arrow/type.cpp"

namespace {

using namespace embedloom;
using Bytes = std::vector<char>;

constexpr std::int64_t most_bytes = 1 << 16;

class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t first = rest_.front();
        rest_ = rest_.subspan(1);
        return first;
    }
    std::int64_t word() {
        std::uint64_t word = 0;
        for (int i = 0; i < 8; ++i) word = word << 8 | byte();
        return static_cast<std::int64_t>(word);
    }
    /// Small as a rule, else anything.
    std::int64_t number() {
        const std::uint8_t first = byte();
        return first == 255 ? word() : first % 24;
    }

  private:
    std::span<const std::uint8_t> rest_;
};

/// An array, and all that it shows: each buffer a block of its own, just as long as the array says that it is.
struct Array {
    ArrowArray shown{};
    std::vector<std::unique_ptr<char[]>> blocks;
    std::vector<const void*> buffers;
    std::vector<std::unique_ptr<Array>> inner;
    std::vector<ArrowArray*> children;
    std::uint64_t entries = 0;  ///< that buffers have memory for

    explicit Array(Input& input) {
        shown.length = input.number();
        shown.offset = input.number() % 8;
        shown.null_count = static_cast<std::int64_t>(input.byte() % 3) - 1;
        entries = shown.length < 0 || shown.length > 64 ? 0 : static_cast<std::uint64_t>(shown.length + std::max<std::int64_t>(shown.offset, 0));
    }
    /// True: what the counts promise is there.
    bool has_memory() const { return shown.length >= 0 && shown.length <= 64 && shown.offset >= 0; }
    char* add(std::size_t bytes, Input& input) {
        auto& block = blocks.emplace_back(new char[bytes]);
        for (std::size_t i = 0; i < bytes; ++i) block[i] = static_cast<char>(input.byte());
        buffers.push_back(block.get());
        return block.get();
    }
    void add_bits(Input& input) {
        if (input.byte() % 2) add((entries + 7) / 8, input);
        else buffers.push_back(nullptr);
    }
    void end() {
        shown.n_buffers = static_cast<std::int64_t>(buffers.size());
        shown.buffers = buffers.data();
        for (const auto& each : inner) children.push_back(&each->shown);
        shown.n_children = static_cast<std::int64_t>(children.size());
        shown.children = children.data();
    }
};

/// Offsets that ascend as a rule; the largest of them, or nothing where it is more than memory is made for.
template <class T>
std::optional<std::size_t> add_offsets(Array& array, Input& input) {
    std::vector<T> offsets(array.entries + 1);
    auto at = static_cast<std::uint64_t>(input.number());
    for (T& offset : offsets) {
        offset = static_cast<T>(at);
        const std::uint8_t step = input.byte();
        at = step == 255 ? static_cast<std::uint64_t>(input.word()) : step == 254 ? at - 1 : at + step % 16;
    }
    array.blocks.emplace_back(new char[offsets.size() * sizeof(T)]);
    std::memcpy(array.blocks.back().get(), offsets.data(), offsets.size() * sizeof(T));
    array.buffers.push_back(array.blocks.back().get());
    const T most = *std::ranges::max_element(offsets);
    return most > most_bytes ? std::nullopt : std::optional(static_cast<std::size_t>(std::max<T>(most, 0)));
}

std::optional<std::size_t> add_offsets_of(const source::Type& type, Array& array, Input& input) {
    return type.is_large ? add_offsets<std::int64_t>(array, input) : add_offsets<std::int32_t>(array, input);
}

std::size_t bytes_of(source::Number number, std::uint64_t count) {
    constexpr std::size_t widths[] = {0, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};
    return number == source::Number::boolean ? (count + 7) / 8 : count * widths[static_cast<std::size_t>(number)];
}

bool add_column(Array& array, const source::Type& type, Input& input);

bool add_values(Array& array, const source::Type& type, Input& input) {
    if (type.is_list()) {
        // Whatever the offsets claim: items say how many they are.
        if (type.shape == source::Shape::list) add_offsets_of(type, array, input);
        Array& items = *array.inner.emplace_back(std::make_unique<Array>(input));
        return add_column(items, {.shape = source::Shape::number, .number = type.number, .keys = {}}, input);
    }
    if (type.shape == source::Shape::text) {
        const auto bytes = add_offsets_of(type, array, input);
        if (bytes) array.add(*bytes, input);
        return bytes.has_value();
    }
    if (type.shape == source::Shape::number) {
        array.add(bytes_of(type.number, array.entries), input);
        return true;
    }
    array.add(array.entries * 16, input);
    const std::size_t buffers = input.byte() % 3;
    std::vector<std::int64_t> sizes;
    for (std::size_t i = 0; i < buffers; ++i) {
        sizes.push_back(input.byte() % 64);
        array.add(static_cast<std::size_t>(sizes.back()), input);
    }
    char* const said = array.add(sizes.size() * sizeof(std::int64_t), input);
    if (!sizes.empty()) std::memcpy(said, sizes.data(), sizes.size() * sizeof(std::int64_t));
    return true;
}

/// False: there is no memory for what it promises, and nothing that would tell a reader so.
bool add_column(Array& array, const source::Type& type, Input& input) {
    if (type.keys) {
        array.add_bits(input);
        array.add(bytes_of(*type.keys, array.entries), input);
        source::Type values = type;
        values.keys.reset();
        auto dictionary = std::make_unique<Array>(input);
        const bool is_whole = add_column(*dictionary, values, input) && array.has_memory();
        array.end();
        array.shown.dictionary = &dictionary->shown;
        array.inner.push_back(std::move(dictionary));
        return is_whole;
    }
    array.add_bits(input);
    const bool is_whole = add_values(array, type, input);
    array.end();
    return is_whole && array.has_memory();
}

void check(bool holds) {
    if (!holds) std::abort();
}

/// Reads all that a row has.
std::uint64_t read(const source::Table& table, const source::TableRow& row, const source::Type& type) {
    if (table.is_null(row, 0)) return 0;
    const source::Column& column = table.column(row, 0);
    std::uint64_t sum = 0;
    if (type.is_text())
        for (const char c : column.text(row.row)) sum += static_cast<unsigned char>(c);
    if (type.shape == source::Shape::number) sum += static_cast<std::uint64_t>(column.label(row.row).integer);
    if (!type.is_list()) return sum;
    if (const auto wrong = column.wrong_token(row.row)) return column.item_text(row.row, *wrong).size();
    std::vector<std::uint32_t> ids(column.items(row.row));
    column.tokens(row.row, ids.data());
    for (const std::uint32_t id : ids) sum += id;
    return sum;
}

/// All rows, one after the other and each by its start.
void walk(const source::Table& table, const source::Type& type) {
    source::TableRow row = table.find(0);
    for (std::uint64_t number = 0; number < table.rows(); ++number, table.next(row)) {
        check(!table.is_end(row) && table.number_of(row) == number && table.at(number).id == row.id);
        check(table.find(row.id).id == row.id && table.find(row.id + 1).id == row.id + table.bytes_of(row));
        read(table, row, type);
    }
    check(table.is_end(row) && row.id == table.bytes());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using source::Shape, source::Number;
    Input input(data, size);
    source::Type type{.shape = static_cast<Shape>(input.byte() % 5), .number = static_cast<Number>(input.byte() % 12),
                      .is_large = input.byte() % 2 == 1, .width = static_cast<std::uint64_t>(input.number()), .keys = {}};
    if (type.is_list()) type.number = static_cast<Number>(1 + static_cast<int>(type.number) % 8);  // integers
    if (type.is_text() && input.byte() % 3 == 0) type.keys = static_cast<Number>(1 + input.byte() % 8);
    std::vector<std::unique_ptr<Array>> chunks;
    std::vector<const ArrowArray*> shown;
    for (int i = input.byte() % 3; i >= 0; --i) {
        Array& chunk = *chunks.emplace_back(std::make_unique<Array>(input));
        chunk.add_bits(input);
        Array& column = *chunk.inner.emplace_back(std::make_unique<Array>(input));
        if (!add_column(column, type, input)) return 0;
        chunk.end();
        if (!chunk.has_memory()) return 0;
        shown.push_back(&chunk.shown);
    }
    const el_records lent{sizeof lent, 0, nullptr, shown.data(), shown.size()};
    const std::vector<source::UsedColumn> used{{.name = "text", .child = 0, .type = type}};
    try {
        walk(source::Table(lent, used), type);
    } catch (const sdk::Error&) {
    }
    return 0;
}
