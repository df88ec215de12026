// The longest entry of a list that a text begins with, by walking a tree of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace embedloom::plugins {

/// An immutable set of byte strings with a number each. Children of a node lie side by side, so a step is one
/// short search in neighbouring bytes; the root has a table. Const calls are for any thread.
class ByteTrie {
  public:
    static constexpr std::uint32_t none = 0xFFFFFFFF;
    using Entry = std::pair<std::string_view, std::uint32_t>;
    struct Match {
        std::uint32_t value = none;
        std::uint32_t size = 0;  ///< bytes; 0: nothing matches
    };

    ByteTrie() { root_.fill(none); }
    /// `entries` must have distinct texts, none empty; in any order.
    explicit ByteTrie(std::vector<Entry> entries);

    bool empty() const { return nodes_.empty(); }
    /// Whether an entry begins with this byte.
    bool begins(char byte) const { return root_[static_cast<unsigned char>(byte)] != none; }
    /// The longest entry that [at, end) begins with.
    Match longest(const char* at, const char* end) const;
    /// The number of exactly this text.
    std::optional<std::uint32_t> find(std::string_view text) const;

  private:
    struct Node {
        std::uint32_t value = none;
        std::uint32_t first = 0;  ///< its first child
        std::uint32_t count = 0;  ///< of children
    };
    std::uint32_t step(const Node& node, char byte) const {
        const auto label = static_cast<unsigned char>(byte);
        std::uint32_t low = node.first, high = node.first + node.count;
        while (high - low > 8) {
            const std::uint32_t middle = low + (high - low) / 2;
            (labels_[middle] <= label ? low : high) = middle;
        }
        for (; low < high; ++low)
            if (labels_[low] == label) return low;
        return none;
    }
    void build(const std::vector<Entry>& sorted);

    std::array<std::uint32_t, 256> root_{};  // byte -> node
    std::vector<Node> nodes_;                // level by level
    std::vector<unsigned char> labels_;      // of each node
};

}  // namespace embedloom::plugins
