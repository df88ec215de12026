// The memory that the results of a plugin's call land in: columns of bytes that grow, keep their memory between uses, and
// notice who writes beyond what was reserved.
#pragma once

#include <embedloom/abi/types.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace embedloom::host {

/// For one call at a time. All columns together take at most `byte_limit` bytes; beyond it the plugin is told
/// EL_RESOURCES. After the first calls of a run nothing is allocated any more.
class Columns {
  public:
    static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

    explicit Columns(std::uint64_t byte_limit = no_limit);
    Columns(const Columns&) = delete;
    Columns& operator=(const Columns&) = delete;

    /// Forgets what the columns hold, keeps their memory, and has `count` of them.
    void begin(std::uint32_t count);
    /// The contract's side. Lives as long as this object, for calls between begin() and the next begin().
    const el_writer* writer() const { return &writer_; }

    /// What a column holds, 64-byte aligned. Empty for a column that does not exist or holds no whole number of T: ask
    /// holds_whole first where that matters.
    template <class T>
    std::span<const T> get(std::uint32_t column) const {
        if (column >= count_ || !holds_whole(column, sizeof(T))) return {};
        return {reinterpret_cast<const T*>(columns_[column].data.get()), columns_[column].used / sizeof(T)};
    }
    /// A column of bytes as text.
    std::string_view text(std::uint32_t column) const {
        const auto bytes = get<char>(column);
        return {bytes.data(), bytes.size()};
    }

    std::uint32_t count() const { return count_; }
    std::uint64_t bytes(std::uint32_t column) const { return column < count_ ? columns_[column].used : 0; }
    bool holds_whole(std::uint32_t column, std::uint64_t value_bytes) const { return bytes(column) % value_bytes == 0; }
    /// All memory that is held, whether used or not.
    std::uint64_t capacity() const { return capacity_; }
    std::uint64_t byte_limit() const { return byte_limit_; }
    /// Somebody was refused memory since begin().
    bool is_limit_reached() const { return is_limit_reached_; }
    /// Somebody wrote beyond what was reserved, or committed more than that: the first such column since begin(), else
    /// EL_NONE. Call it after the plugin's call.
    std::uint32_t overrun_column();

  private:
    struct Free {
        void operator()(std::byte* data) const;
    };
    struct Column {
        std::unique_ptr<std::byte, Free> data;
        std::uint64_t capacity = 0;
        std::uint64_t used = 0;
        std::uint64_t reserved = 0;  ///< bytes after `used` that the plugin may write
        bool is_guarded = false;     ///< guard bytes stand behind what is reserved
    };
    void* reserve(std::uint32_t column, std::uint64_t bytes);
    el_status commit(std::uint32_t column, std::uint64_t bytes);
    bool grow(Column& column, std::uint64_t bytes);
    void check_guard(std::uint32_t column);

    std::vector<Column> columns_;
    std::uint32_t count_ = 0;
    std::uint64_t byte_limit_;
    std::uint64_t capacity_ = 0;
    bool is_limit_reached_ = false;
    std::uint32_t overrun_ = EL_NONE;
    el_writer writer_;
};

}  // namespace embedloom::host
