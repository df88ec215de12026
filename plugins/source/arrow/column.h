// One column of one chunk of a table: its memory is checked once, then read as it is.
#pragma once

#include "type.h"

#include <memory>
#include <string>
#include <string_view>

namespace embedloom::source {

/// Memory that cannot be what its type says: which row, and how.
struct Flaw {
    std::uint64_t row = 0;
    std::string found, expected;
};

/// Values that an array shows: `count` of them from its own `first` on.
struct Slice {
    std::uint64_t first = 0, count = 0;
};

/// Bits of an Arrow array; all are set where there is no memory for them.
class Bits {
  public:
    Bits() = default;
    Bits(const void* bytes, std::uint64_t first) : bytes_(static_cast<const unsigned char*>(bytes)), first_(first) {}
    bool at(std::uint64_t i) const { return !bytes_ || (bytes_[(first_ + i) / 8] >> ((first_ + i) % 8) & 1); }
    /// Those from `i` on.
    Bits from(std::uint64_t i) const { return {bytes_, first_ + i}; }

  private:
    const unsigned char* bytes_ = nullptr;
    std::uint64_t first_ = 0;
};

/// The set bits of an array that its values are there for. Throws Flaw.
Bits validity_of(const ArrowArray& array, std::uint64_t first);

struct ArrayShape {
    std::int64_t buffers = 0, children = 0;
};
/// Throws Flaw unless the array has so many buffers and children, and the slice lies within it.
void check_array(const ArrowArray& array, ArrayShape shape, Slice slice);

/// A number as a label has it.
struct Label {
    double number = 0;
    std::int64_t integer = 0;
    bool fits = true;  ///< false: an integer beyond 64 bits with sign, or a number that is no finite float32
};

/// Rows count from 0 within the slice. Calls with a row of the slice; is_null first. [any-thread]
class Column {
  public:
    /// Looks at every offset, view and key, so that no call below can leave the memory. Throws Flaw.
    Column(const Type& type, const ArrowArray& array, Slice slice);

    bool is_null(std::uint64_t row) const { return !valid_.at(row) || (dictionary_ && dictionary_->is_null(key(row))); }
    /// Of texts; it may be no UTF-8.
    std::string_view text(std::uint64_t row) const;
    /// Of lists: how many items.
    std::uint64_t items(std::uint64_t row) const;
    /// Of lists: the first item that is null or no id from 0 to 2^32 - 2.
    std::optional<std::uint64_t> wrong_token(std::uint64_t row) const;
    /// Of lists without a wrong token: items(row) ids into `out`.
    void tokens(std::uint64_t row, std::uint32_t* out) const;
    /// The item as a message shows it: "-1", "null".
    std::string item_text(std::uint64_t row, std::uint64_t item) const;
    Label label(std::uint64_t row) const;
    /// What a row counts for in the source's bytes: the text's bytes, 4 for each token, else 0.
    std::uint64_t bytes(std::uint64_t row) const;

  private:
    void check_text();
    void check_views(const ArrowArray& array);
    void check_list(const ArrowArray& array);
    void check_keys();
    void check_offsets();
    std::uint64_t offset(std::uint64_t row) const;  // of texts and lists
    std::uint64_t first_item(std::uint64_t row) const;
    std::uint64_t key(std::uint64_t row) const;

    Type type_;
    std::uint64_t first_, count_;
    Bits valid_;
    const void* values_ = nullptr;        // offsets, views, numbers or keys
    const char* bytes_ = nullptr;         // of texts
    const void* const* views_ = nullptr;  // buffers of views, behind them their sizes
    const void* items_ = nullptr;         // of lists
    std::uint64_t items_first_ = 0;
    Bits items_valid_;
    std::unique_ptr<const Column> dictionary_;
};

}  // namespace embedloom::source
