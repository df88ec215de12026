// Building the double array: places for the children of each node, block by block of 256 cells.
#include "byte_trie.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <string>

#include "failure.h"

namespace embedloom::plugins {

/// Finds the places. A block that children did not fit into often enough is closed, so that building stays
/// linear; a few per cent of the cells stay free.
class ByteTrie::Builder {
  public:
    Builder(const std::vector<Entry>& sorted, std::vector<std::uint32_t>& cells,
            std::vector<std::uint32_t>& values)
        : sorted_(sorted), cells_(cells), values_(values) {}

    void build() {
        grow();
        for (std::uint32_t i = 0; i < block_size; ++i) cells_[i] = i ^ 1;  // no child of base 0
        std::vector<Node> nodes{{0, sorted_.size(), 0, 0}};
        while (!nodes.empty()) {
            const Node node = nodes.back();
            nodes.pop_back();
            place_children(node, nodes);
        }
        for (const Block& block : open_) close(block);
    }

  private:
    static constexpr std::uint32_t block_size = 256;
    static constexpr unsigned most_failures = 32;

    /// The entries [begin, end) that share their first `depth` bytes.
    struct Node {
        std::size_t begin, end, depth;
        std::uint32_t cell;
    };
    struct Block {
        std::uint32_t first = 0;                                                      // its first cell
        std::array<std::uint64_t, block_size / 64> free{~0ull, ~0ull, ~0ull, ~0ull};  // a bit for each cell
        std::bitset<block_size> bases{};                                              // that nodes have
        unsigned failures = 0;  // how often children did not fit
        bool is_free(std::uint32_t cell) const { return free[cell / 64] >> cell % 64 & 1; }
    };
    struct Child {
        unsigned char label;
        std::size_t begin, end;
    };

    void place_children(const Node& node, std::vector<Node>& nodes) {
        std::size_t at = node.begin;
        if (node.depth && sorted_[at].first.size() == node.depth) {
            cells_[node.cell] |= ends_here;
            values_[node.cell] = sorted_[at++].second;
        }
        children_.clear();
        while (at < node.end) {
            const auto label = static_cast<unsigned char>(sorted_[at].first[node.depth]);
            const std::size_t begin = at;
            while (at < node.end && static_cast<unsigned char>(sorted_[at].first[node.depth]) == label) ++at;
            children_.push_back({label, begin, at});
        }
        if (children_.empty()) return;
        const std::uint32_t base = take_base();
        cells_[node.cell] |= base << base_shift;
        for (const Child& child : children_) {
            cells_[base ^ child.label] = child.label;
            nodes.push_back({child.begin, child.end, node.depth + 1, base ^ child.label});
        }
    }

    /// A base that has room for children_, taken with their cells.
    std::uint32_t take_base() {
        for (std::size_t i = 0; i < open_.size(); ++i) {
            if (const std::uint32_t low = fitting(open_[i]); low != block_size) return take(open_[i], low);
            if (++open_[i].failures < most_failures) continue;
            close(open_[i]);
            open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i--));
        }
        open_.push_back({.first = grow()});
        return take(open_.back(), fitting(open_.back()));
    }
    std::uint32_t fitting(const Block& block) const {
        const unsigned label = children_[0].label;
        for (unsigned word = 0; word < block_size / 64; ++word)
            for (std::uint64_t left = block.free[word]; left; left &= left - 1) {
                const unsigned low = (64 * word + static_cast<unsigned>(std::countr_zero(left))) ^ label;
                if (block.bases[low]) continue;
                if (std::all_of(children_.begin() + 1, children_.end(),
                                [&](const Child& child) { return block.is_free(low ^ child.label); }))
                    return low;
            }
        return block_size;
    }
    std::uint32_t take(Block& block, std::uint32_t low) {
        block.bases.set(low);
        for (const Child& child : children_) {
            const std::uint32_t cell = low ^ child.label;
            block.free[cell / 64] &= ~(std::uint64_t{1} << cell % 64);
        }
        return block.first + low;
    }

    /// Cells that stay free get the label that only a base which no node has would ask for. Free cells mean
    /// free bases.
    void close(const Block& block) {
        std::uint32_t unused = 0;
        while (unused < block_size && block.bases[unused]) ++unused;
        for (std::uint32_t i = 0; i < block_size; ++i)
            if (block.is_free(i)) cells_[block.first + i] = i ^ unused;
    }

    std::uint32_t grow() {
        const auto first = static_cast<std::uint32_t>(cells_.size());
        if (first >= most_cells)
            throw LoadFailure("tokens that differ in more bytes",
                              "tokens of fewer than " + std::to_string(most_cells) +
                                  " bytes, shared beginnings counted once");
        cells_.resize(first + block_size);
        values_.resize(first + block_size, none);
        return first;
    }

    const std::vector<Entry>& sorted_;
    std::vector<std::uint32_t>& cells_;
    std::vector<std::uint32_t>& values_;
    std::vector<Block> open_;
    std::vector<Child> children_;
};

ByteTrie::ByteTrie(std::vector<Entry> entries) {
    std::sort(entries.begin(), entries.end());
    Builder(entries, cells_, values_).build();
}

std::optional<std::uint32_t> ByteTrie::find(std::string_view text) const {
    const Match match = longest(text.data(), text.data() + text.size());
    if (match.size != text.size() || text.empty()) return std::nullopt;
    return match.value;
}

}  // namespace embedloom::plugins
