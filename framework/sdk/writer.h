// Typed columns over the host's writer: results are written straight into the host's memory.
#pragma once

#include <embedloom/sdk/error.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>

namespace embedloom::sdk {

/// One column of a call's results. reserve/commit and append for bulk writing, push/write for the rest; flush() ends it.
/// Not for two threads. Throws Error{EL_RESOURCES} when the host's limit is reached.
template <class T>
class Column {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Column(const el_writer* writer, std::uint32_t column) : writer_(writer), column_(column) {}
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;

    /// Room for `count` more values. Valid until the next reserve, push, write or append of this
    /// column.
    T* reserve(std::size_t count) {
        flush();
        return static_cast<T*>(room(count));
    }

    /// The first `count` values of what reserve() gave are results now.
    void commit(std::size_t count) {
        if (writer_->commit(writer_->host, column_, count * sizeof(T)) != EL_OK)
            throw Error{.code = EL_INTERNAL, .found = "a commit of more than was reserved"};
        written_ += count;
    }

    void push(const T& value) {
        if (pending_ == capacity_) grow();
        buffer_[pending_++] = value;
    }

    void append(std::span<const T> values) {
        if (values.empty()) return;
        std::memcpy(static_cast<void*>(reserve(values.size())), values.data(), values.size_bytes());
        commit(values.size());
    }

    /// append() for short runs: gathered as push() does.
    void write(std::span<const T> values) {
        if (values.size() > capacity_ - pending_) {
            if (values.size() >= chunk) return append(values);
            grow();
        }
        if (!values.empty()) std::memcpy(static_cast<void*>(buffer_ + pending_), values.data(), values.size_bytes());
        pending_ += values.size();
    }

    /// Hands over what push() and write() hold. Must be called before the call returns.
    void flush() {
        const std::size_t count = std::exchange(pending_, 0);
        buffer_ = nullptr;
        capacity_ = 0;
        if (count) commit(count);
    }

    /// Values of this column so far.
    std::uint64_t count() const { return written_ + pending_; }

  private:
    void* room(std::size_t count) {
        void* memory = writer_->reserve(writer_->host, column_, count * sizeof(T));
        if (!memory && count) throw Error{.code = EL_RESOURCES, .found = "the host's limit for one window"};
        return memory;
    }

    void grow() {
        flush();
        buffer_ = static_cast<T*>(room(chunk));
        capacity_ = chunk;
    }

    static constexpr std::size_t chunk = std::max<std::size_t>(1024, 16384 / sizeof(T));
    const el_writer* writer_;
    std::uint32_t column_;
    T* buffer_ = nullptr;
    std::size_t pending_ = 0;
    std::size_t capacity_ = 0;
    std::uint64_t written_ = 0;
};

}  // namespace embedloom::sdk
