// A worker's read buffer: bytes of one file at a time, as few copies as can be, never mapped.
#pragma once

#include "corpus.h"

namespace embedloom::source {

/// One per worker; never for two calls at once. What it still holds of an earlier call can only save reading.
class Pages final : public sdk::Scratch {
  public:
    /// What one read takes at most, but for long records.
    static constexpr std::size_t chunk = 256 << 10;
    /// Bytes behind the end of what bytes() gives that may be read, with anything in them (simdjson does).
    static constexpr std::size_t padding = 64;

    explicit Pages(const Corpus& corpus) : corpus_(&corpus) {}

    /// Content of `file` from `at` on: at least `want` bytes, or all up to its end. Valid until the next call.
    /// Throws EL_IO, EL_CANCELLED.
    std::string_view bytes(std::uint32_t file, std::uint64_t at, std::size_t want);

    /// At the end of every call: throws EL_IO when a file that was read is not as it was, and gives back the memory that a
    /// long record took.
    void finish();

    /// Free for one plugin's own use between records, kept to save allocations.
    std::unique_ptr<sdk::Scratch> more;

  private:
    const InputFile& input(std::uint32_t file);
    void make_room(std::size_t bytes);

    const Corpus* corpus_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::uint32_t file_ = EL_NONE;  // whose bytes are in the buffer
    std::uint64_t begin_ = 0;       // where in it
    std::size_t size_ = 0;
    std::uint32_t reopened_file_ = EL_NONE;
    std::unique_ptr<InputFile> reopened_;
    std::vector<std::uint32_t> touched_;
};

}  // namespace embedloom::source
