// The longest entry of a list that a text begins with: a trie in a double array (Aoe 1989), a byte and one
// load a step.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace embedloom::plugins {

/// An immutable set of byte strings with a number each. Const calls are for any thread.
class ByteTrie {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    /// Cells that a trie can have; one more than this many bytes that no entries share is refused.
    static constexpr std::uint32_t most_cells = std::uint32_t{1} << 23;
    using Entry = std::pair<std::string_view, std::uint32_t>;
    struct Match {
        std::uint32_t value = none;
        std::uint32_t size = 0;  ///< bytes; 0: nothing matches
    };

    ByteTrie() : ByteTrie(std::vector<Entry>{}) {}
    /// `entries` must have distinct texts, none empty; in any order. Throws LoadFailure when they need too
    /// many cells.
    explicit ByteTrie(std::vector<Entry> entries);

    /// Whether an entry begins with this byte.
    bool begins(char byte) const { return child(0, byte) != none; }
    /// The longest entry that [at, end) begins with.
    Match longest(const char* at, const char* end) const {
        const char* const from = at;
        Match best;
        std::uint32_t last = none;
        for (std::uint32_t cell = 0; at != end;) {
            cell = child(cell, *at++);
            if (cell == none) break;
            if (cells_[cell] & ends_here) last = cell, best.size = static_cast<std::uint32_t>(at - from);
        }
        if (last != none) best.value = values_[last];
        return best;
    }
    /// The number of exactly this text.
    std::optional<std::uint32_t> find(std::string_view text) const;

  private:
    // A cell is the label that leads to it (low 8 bits), whether an entry ends here, and the base of its
    // children (high 23 bits): the child for byte b is at base ^ b, and is one if its label is b. No two
    // nodes share a base, so the label tells whose child a cell is. Cell 0 is the root. Base 0 is that of
    // nodes without children: no cell of the first 256 has the label that it would need.
    static constexpr std::uint32_t ends_here = 1u << 8;
    static constexpr unsigned base_shift = 9;
    std::uint32_t child(std::uint32_t cell, char byte) const {
        const auto label = static_cast<unsigned char>(byte);
        const std::uint32_t at = cells_[cell] >> base_shift ^ label;
        return (cells_[at] & 0xFF) == label ? at : none;
    }
    class Builder;

    std::vector<std::uint32_t> cells_;
    std::vector<std::uint32_t> values_;  // [cell]
};

}  // namespace embedloom::plugins
