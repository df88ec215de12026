// Words seen before and their pieces: most words of a text are among the few thousand most frequent.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace embedloom::plugins {

__extension__ typedef unsigned __int128 Bytes16;  // the first byte lowest

/// Up to 15 bytes of a word, zero padded, and its size: equal keys are equal words.
struct WordKey {
    std::uint64_t low, high;
    bool operator==(const WordKey&) const = default;

    static constexpr std::uint32_t longest = 15;

    /// `bytes` must be readable for 16 bytes, whatever `size` (at most `longest`).
    static WordKey of(const char* bytes, std::uint32_t size) {
        WordKey key;
        std::memcpy(&key.low, bytes, 8);
        std::memcpy(&key.high, bytes + 8, 8);
        key.low &= masks[size][0];
        key.high = (key.high & masks[size][1]) | std::uint64_t{size} << 56;
        return key;
    }

    /// The key of up to 15 bytes that stand in `bytes`, the first lowest, zeros behind.
    static WordKey of(Bytes16 bytes, std::uint32_t size) {
        return {static_cast<std::uint64_t>(bytes), static_cast<std::uint64_t>(bytes >> 64) | std::uint64_t{size} << 56};
    }

  private:
    static constexpr auto masks = [] {
        std::array<std::array<std::uint64_t, 2>, longest + 1> out{};
        for (unsigned size = 0; size <= longest; ++size) {
            out[size][0] = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * size) - 1;
            out[size][1] = size > 8 ? (std::uint64_t{1} << 8 * (size - 8)) - 1 : 0;
        }
        return out;
    }();
};

/// A table of fixed size: two words a line of memory, the newest first. It holds what the model would
/// compute, so it can change no result. For one thread.
class WordCache {
  public:
    static constexpr std::uint32_t most_pieces = 3;
    struct alignas(32) Entry {
        WordKey key{0, 0};  // no word has size 0
        std::array<std::uint32_t, most_pieces> ids{};
        std::uint32_t count = 0;
    };
    static_assert(sizeof(Entry) == 32);

    explicit WordCache(unsigned log2_lines) : shift_(64 - log2_lines), lines_(std::size_t{1} << log2_lines) {}

    /// Which line a word belongs to. The line is on its way to the processor when this returns.
    std::size_t line_of(const WordKey& key) const {
        const std::size_t line = (key.low * 0x9E3779B97F4A7C15u ^ key.high) * 0xD6E8FEB86659FD93u >> shift_;
        __builtin_prefetch(&lines_[line]);
        return line;
    }
    /// The entry of a word, or null; `line` is line_of(key).
    const Entry* find(const WordKey& key, std::size_t line) const {
        const Line& entries = lines_[line];
        if (entries[0].key == key) return &entries[0];
        return entries[1].key == key ? &entries[1] : nullptr;
    }
    void insert(const Entry& entry, std::size_t line) {
        lines_[line][1] = lines_[line][0];
        lines_[line][0] = entry;
    }

  private:
    struct alignas(64) Line : std::array<Entry, 2> {};
    unsigned shift_;
    std::vector<Line> lines_;
};

}  // namespace embedloom::plugins
