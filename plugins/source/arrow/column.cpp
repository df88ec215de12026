// Checking and reading of Arrow arrays. What they say of their own sizes is all there is to check them by.
#include "column.h"

#include "../common/label.h"

#include <embedloom/sdk/numbers.h>

#include <cstring>
#include <limits>
#include <utility>

namespace embedloom::source {

namespace {

// No array of a real table is larger: sums of these fit 64 bits whatever an array claims.
constexpr std::uint64_t most_values = std::uint64_t{1} << 48;

/// Value `i` of an array of T; the memory need not be aligned.
template <class T>
T load(const void* values, std::uint64_t i) {
    T value;
    std::memcpy(&value, static_cast<const char*>(values) + i * sizeof(T), sizeof(T));
    return value;
}

/// A text of an array of views: up to 12 bytes in place, else a place in one of its buffers.
struct View {
    std::int32_t size;
    char prefix[4];
    std::int32_t buffer, offset;
    static constexpr std::int32_t in_place = 12;
};
static_assert(sizeof(View) == 16);

/// Calls `body` with a value of the number's type.
template <class Body>
auto with_integer(Number number, const Body& body) {
    switch (number) {
        case Number::int8: return body(std::int8_t{});
        case Number::uint8: return body(std::uint8_t{});
        case Number::int16: return body(std::int16_t{});
        case Number::uint16: return body(std::uint16_t{});
        case Number::int32: return body(std::int32_t{});
        case Number::uint32: return body(std::uint32_t{});
        case Number::int64: return body(std::int64_t{});
        default: return body(std::uint64_t{});
    }
}

double real_of(Number number, const void* values, std::uint64_t i) {
    if (number == Number::float16) return sdk::half_to_float(load<std::uint16_t>(values, i));
    return number == Number::float32 ? double{load<float>(values, i)} : load<double>(values, i);
}

Flaw no_memory(const char* what) { return {0, std::string("no memory of ") + what, "the buffers of its type"}; }

}  // namespace

void check_array(const ArrowArray& array, ArrayShape shape, Slice slice) {
    const auto is_count = [](std::int64_t value) { return value >= 0 && static_cast<std::uint64_t>(value) <= most_values; };
    if (!is_count(array.length) || !is_count(array.offset))
        throw Flaw{0, std::to_string(array.length) + " values from " + std::to_string(array.offset), "counts from 0 to 2^48"};
    const auto length = static_cast<std::uint64_t>(array.length);
    if (slice.first > length || slice.count > length - slice.first)
        throw Flaw{length, std::to_string(length) + " values", "at least " + std::to_string(slice.first + slice.count)};
    if (array.n_buffers < shape.buffers || (shape.buffers && !array.buffers))
        throw Flaw{0, std::to_string(array.n_buffers) + " buffers", std::to_string(shape.buffers)};
    if (array.n_children < shape.children || (shape.children && !array.children))
        throw Flaw{0, std::to_string(array.n_children) + " children", std::to_string(shape.children)};
}

Bits validity_of(const ArrowArray& array, std::uint64_t first) {
    if (array.null_count == 0) return {};
    if (!array.buffers[0] && array.null_count > 0)
        throw Flaw{0, std::to_string(array.null_count) + " nulls without the bits that say which", "a buffer of them"};
    return {array.buffers[0], static_cast<std::uint64_t>(array.offset) + first};
}

Column::Column(const Type& type, const ArrowArray& array, Slice slice) : type_(type), count_(slice.count) {
    const bool is_text = type.shape == Shape::text && !type.keys, has_views = type.shape == Shape::text_view && !type.keys;
    const std::int64_t buffers = is_text || has_views ? 3 : type.shape == Shape::fixed_list ? 1 : 2;
    check_array(array, {.buffers = buffers, .children = type.is_list() ? 1 : 0}, slice);
    first_ = static_cast<std::uint64_t>(array.offset) + slice.first;
    valid_ = validity_of(array, slice.first);
    if (type.shape != Shape::fixed_list) values_ = array.buffers[1];
    if (count_ && !values_ && type.shape != Shape::fixed_list) throw no_memory("its values");
    if (type.keys) {
        if (!array.dictionary) throw no_memory("its dictionary");
        Type values = type;
        values.keys.reset();
        const auto length = static_cast<std::uint64_t>(array.dictionary->length < 0 ? 0 : array.dictionary->length);
        dictionary_ = std::make_unique<const Column>(values, *array.dictionary, Slice{0, length});
        check_keys();
    } else if (is_text) {
        bytes_ = static_cast<const char*>(array.buffers[2]);
        check_text();
    } else if (has_views) {
        check_views(array);
    } else if (type.is_list()) {
        check_list(array);
    }
}

std::uint64_t Column::offset(std::uint64_t row) const {
    return type_.is_large ? static_cast<std::uint64_t>(load<std::int64_t>(values_, first_ + row))
                          : static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(values_, first_ + row)});
}

/// They ascend from 0 or more and stay below the limit: a negative one is far above it.
void Column::check_offsets() {
    if (!count_) return;
    std::uint64_t before = offset(0);
    bool is_bad = before > most_values;
    for (std::uint64_t row = 0; row < count_; ++row) {
        const std::uint64_t end = offset(row + 1);
        is_bad |= end < before || end > most_values;
        if (is_bad) throw Flaw{row, "offsets " + std::to_string(static_cast<std::int64_t>(before)) + " to " +
                                        std::to_string(static_cast<std::int64_t>(end)), "offsets that ascend from 0 to at most 2^48"};
        before = end;
    }
}

void Column::check_text() {
    check_offsets();
    if (count_ && !bytes_ && offset(count_) > offset(0)) throw no_memory("its texts");
}

void Column::check_views(const ArrowArray& array) {
    const std::int64_t buffers = array.n_buffers - 3;
    views_ = array.buffers + 2;
    const void* sizes = array.buffers[array.n_buffers - 1];
    for (std::uint64_t row = 0; row < count_; ++row) {
        if (!valid_.at(row)) continue;  // what stands in place of a null means nothing
        const View view = load<View>(values_, first_ + row);
        if (view.size >= 0 && view.size <= View::in_place) continue;
        const bool is_there = view.size >= 0 && view.buffer >= 0 && view.buffer < buffers && sizes && view.offset >= 0;
        const std::int64_t size = is_there ? load<std::int64_t>(sizes, static_cast<std::uint64_t>(view.buffer)) : 0;
        if (!is_there || !views_[view.buffer] || std::int64_t{view.offset} + view.size > size)
            throw Flaw{row, "a view of " + std::to_string(view.size) + " bytes at " + std::to_string(view.offset) + " of buffer " +
                                std::to_string(view.buffer),
                       is_there ? "one within its " + std::to_string(size) + " bytes"
                                : "one into one of its " + std::to_string(buffers) + " buffers"};
    }
}

void Column::check_list(const ArrowArray& array) {
    if (type_.shape == Shape::list) check_offsets();
    else if (first_ + count_ && type_.width > most_values / (first_ + count_))
        throw Flaw{0, "lists of " + std::to_string(type_.width) + " items", "at most 2^48 items in all"};
    if (!array.children[0]) throw no_memory("its items");
    const ArrowArray& items = *array.children[0];
    const bool is_empty = !count_ || first_item(0) == first_item(count_);
    const std::uint64_t last = is_empty ? 0 : first_item(count_);
    if (last > most_values) throw Flaw{0, std::to_string(last) + " items", "at most 2^48"};
    check_array(items, {.buffers = 2, .children = 0}, {0, last});
    items_ = items.buffers[1];
    items_first_ = static_cast<std::uint64_t>(items.offset);
    items_valid_ = validity_of(items, 0);
    if (!is_empty && !items_) throw no_memory("its items");
}

void Column::check_keys() {
    for (std::uint64_t row = 0; row < count_; ++row)
        if (valid_.at(row) && key(row) >= dictionary_->count_)
            throw Flaw{row, "key " + std::to_string(static_cast<std::int64_t>(key(row))),
                       "a key below " + std::to_string(dictionary_->count_) + ", the values of its dictionary"};
}

std::uint64_t Column::key(std::uint64_t row) const {
    return with_integer(*type_.keys, [&](auto type) {
        return static_cast<std::uint64_t>(load<decltype(type)>(values_, first_ + row));  // a negative one is far above all
    });
}

std::string_view Column::text(std::uint64_t row) const {
    if (dictionary_) return dictionary_->text(key(row));
    if (type_.shape == Shape::text) {
        const std::uint64_t begin = offset(row), size = offset(row + 1) - begin;
        return size ? std::string_view(bytes_ + begin, size) : std::string_view();
    }
    const View view = load<View>(values_, first_ + row);
    const auto size = static_cast<std::size_t>(view.size);
    if (view.size > View::in_place) return {static_cast<const char*>(views_[view.buffer]) + view.offset, size};
    return {static_cast<const char*>(values_) + (first_ + row) * sizeof(View) + sizeof view.size, size};
}

std::uint64_t Column::first_item(std::uint64_t row) const {
    return type_.shape == Shape::list ? offset(row) : (first_ + row) * type_.width;
}

std::uint64_t Column::items(std::uint64_t row) const { return first_item(row + 1) - first_item(row); }

std::optional<std::uint64_t> Column::wrong_token(std::uint64_t row) const {
    const std::uint64_t begin = first_item(row), count = items(row);
    return with_integer(type_.number, [&](auto type) -> std::optional<std::uint64_t> {
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto id = static_cast<std::uint64_t>(load<decltype(type)>(items_, items_first_ + begin + i));  // a negative one is far above all
            if (id >= std::numeric_limits<std::uint32_t>::max() || !items_valid_.at(begin + i)) return i;
        }
        return std::nullopt;
    });
}

void Column::tokens(std::uint64_t row, std::uint32_t* out) const {
    const std::uint64_t begin = items_first_ + first_item(row), count = items(row);
    with_integer(type_.number, [&](auto type) {
        for (std::uint64_t i = 0; i < count; ++i) out[i] = static_cast<std::uint32_t>(load<decltype(type)>(items_, begin + i));
    });
}

std::string Column::item_text(std::uint64_t row, std::uint64_t item) const {
    const std::uint64_t at = first_item(row) + item;
    if (!items_valid_.at(at)) return "null";
    return with_integer(type_.number, [&](auto type) { return std::to_string(load<decltype(type)>(items_, items_first_ + at)); });
}

Label Column::label(std::uint64_t row) const {
    const std::uint64_t at = first_ + row;
    if (type_.number == Number::boolean) return {.integer = Bits(values_, 0).at(at)};
    if (is_real(type_.number)) {
        const double number = real_of(type_.number, values_, at);
        return {.number = number, .fits = is_finite_float(number)};
    }
    return with_integer(type_.number, [&](auto type) {
        const auto value = load<decltype(type)>(values_, at);
        return Label{.integer = static_cast<std::int64_t>(value), .fits = std::in_range<std::int64_t>(value)};
    });
}

std::uint64_t Column::bytes(std::uint64_t row) const {
    if (is_null(row)) return 0;
    if (type_.is_text()) return text(row).size();
    return type_.is_list() ? items(row) * sizeof(std::uint32_t) : 0;
}

}  // namespace embedloom::source
