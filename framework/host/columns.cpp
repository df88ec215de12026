// How columns grow, and the guard bytes behind what a plugin may write.
#include <embedloom/host/columns.h>

#include <embedloom/base/checked.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace embedloom::host {

namespace {

constexpr std::uint64_t alignment = 64, smallest = 4096, guard_bytes = 16;
constexpr unsigned char guard_pattern[guard_bytes] = {0xE1, 0x7D, 0x5A, 0xC3, 0x99, 0x2E, 0xB4, 0x68,
                                                      0x1F, 0xD2, 0x8B, 0x36, 0xF5, 0x4C, 0xA7, 0x70};

}  // namespace

void Columns::Free::operator()(std::byte* data) const { std::free(data); }

Columns::Columns(std::uint64_t byte_limit)
    : byte_limit_(byte_limit),
      writer_{sizeof(el_writer), 0, this,
              [](void* self, std::uint32_t column, std::uint64_t bytes) {
                  return static_cast<Columns*>(self)->reserve(column, bytes);
              },
              [](void* self, std::uint32_t column, std::uint64_t bytes) {
                  return static_cast<Columns*>(self)->commit(column, bytes);
              }} {}

void Columns::begin(std::uint32_t count) {
    if (columns_.size() < count) columns_.resize(count);
    for (Column& column : columns_) column.used = column.reserved = 0, column.is_guarded = false;
    count_ = writer_.column_count = count;
    is_limit_reached_ = false;
    overrun_ = EL_NONE;
}

void* Columns::reserve(std::uint32_t index, std::uint64_t bytes) {
    if (index >= count_) return nullptr;
    Column& column = columns_[index];
    check_guard(index);
    const auto used = base::checked_add(column.used, bytes);
    const auto needed = used ? base::checked_add(*used, guard_bytes) : std::nullopt;
    if (!needed || (*needed > column.capacity && !grow(column, *needed))) {
        is_limit_reached_ = true;
        column.reserved = 0;
        return nullptr;
    }
    column.reserved = bytes;
    column.is_guarded = true;
    std::memcpy(column.data.get() + *used, guard_pattern, guard_bytes);
    return column.data.get() + column.used;
}

el_status Columns::commit(std::uint32_t index, std::uint64_t bytes) {
    if (index >= count_) return EL_INTERNAL;
    Column& column = columns_[index];
    check_guard(index);
    if (bytes > column.reserved) {
        if (overrun_ == EL_NONE) overrun_ = index;
        return EL_INTERNAL;
    }
    column.used += bytes;
    column.reserved = 0;
    return overrun_ == index ? EL_INTERNAL : EL_OK;
}

/// False: the limit, or the machine, has no more.
bool Columns::grow(Column& column, std::uint64_t bytes) {
    const auto rounded = base::checked_round_up(std::max({bytes, smallest, column.capacity * 2}), alignment);
    const std::uint64_t others = capacity_ - column.capacity;
    if (!rounded || others > byte_limit_ || bytes > byte_limit_ - others) return false;
    const std::uint64_t size = std::max(std::min(*rounded, (byte_limit_ - others) / alignment * alignment),
                                        base::checked_round_up(bytes, alignment).value_or(*rounded));
    std::unique_ptr<std::byte, Free> data(static_cast<std::byte*>(std::aligned_alloc(alignment, size)));
    if (!data) return false;
    if (column.used) std::memcpy(data.get(), column.data.get(), column.used);
    column.data = std::move(data);
    capacity_ = others + size;
    column.capacity = size;
    return true;
}

void Columns::check_guard(std::uint32_t index) {
    Column& column = columns_[index];
    // The guard stays where reserve() put it, also when commit() took less than was reserved.
    if (!column.is_guarded) return;
    column.is_guarded = false;
    const std::byte* guard = column.data.get() + column.used + column.reserved;
    if (std::memcmp(guard, guard_pattern, guard_bytes) != 0 && overrun_ == EL_NONE) overrun_ = index;
}

std::uint32_t Columns::overrun_column() {
    for (std::uint32_t i = 0; i < count_; ++i) check_guard(i);
    return overrun_;
}

}  // namespace embedloom::host
