// What the columns of a table are made of, as their Arrow formats say it.
#pragma once

#include <embedloom/abi/arrow.h>

#include <cstdint>
#include <optional>
#include <string>

namespace embedloom::source {

enum class Number : std::uint8_t { boolean, int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, float32, float64 };
bool is_real(Number number);

enum class Shape : std::uint8_t { number, text, text_view, list, fixed_list };

/// A type that this source can read.
struct Type {
    Shape shape = Shape::number;
    Number number = Number::int32;  ///< number: what it is; lists: what their items are
    bool is_large = false;          ///< text, list: offsets of 64 bits
    std::uint64_t width = 0;        ///< fixed_list: items of each
    std::optional<Number> keys;     ///< of a dictionary of texts

    bool is_text() const { return shape == Shape::text || shape == Shape::text_view; }
    bool is_list() const { return shape == Shape::list || shape == Shape::fixed_list; }
};

/// Nothing where this source reads no such type.
std::optional<Type> type_of(const ArrowSchema& schema);

/// "large_string", "list<int32>", "type 'tsu:UTC'": for messages.
std::string name_of(const ArrowSchema& schema);

}  // namespace embedloom::source
