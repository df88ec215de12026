// Building and walking the tree of bytes.
#include "byte_trie.h"

#include <algorithm>

namespace embedloom::plugins {

ByteTrie::ByteTrie(std::vector<Entry> entries) {
    root_.fill(none);
    std::sort(entries.begin(), entries.end());
    build(entries);
}

void ByteTrie::build(const std::vector<Entry>& sorted) {
    // A group is the entries [begin, end) that share `depth` bytes: one node. Groups are made level by level.
    struct Group {
        std::size_t begin, end;
    };
    std::vector<Group> level{{0, sorted.size()}}, next;
    std::size_t parent = 0;  // of the level's first group
    for (std::size_t depth = 0; !level.empty(); ++depth) {
        next.clear();
        for (std::size_t g = 0; g < level.size(); ++g) {
            const auto first = static_cast<std::uint32_t>(nodes_.size());
            std::size_t at = level[g].begin;
            if (depth && at < level[g].end && sorted[at].first.size() == depth)
                nodes_[parent + g].value = sorted[at++].second;
            while (at < level[g].end) {
                const char label = sorted[at].first[depth];
                const std::size_t begin = at;
                while (at < level[g].end && sorted[at].first[depth] == label) ++at;
                if (depth == 0)
                    root_[static_cast<unsigned char>(label)] = static_cast<std::uint32_t>(nodes_.size());
                nodes_.emplace_back();
                labels_.push_back(static_cast<unsigned char>(label));
                next.push_back({begin, at});
            }
            if (depth) {
                nodes_[parent + g].first = first;
                nodes_[parent + g].count = static_cast<std::uint32_t>(nodes_.size()) - first;
            }
        }
        parent = nodes_.size() - next.size();
        level.swap(next);
    }
}

ByteTrie::Match ByteTrie::longest(const char* at, const char* end) const {
    Match best;
    if (at == end) return best;
    std::uint32_t node = root_[static_cast<unsigned char>(*at)];
    for (const char* from = at; node != none;) {
        ++at;
        if (nodes_[node].value != none) best = {nodes_[node].value, static_cast<std::uint32_t>(at - from)};
        if (at == end) break;
        node = step(nodes_[node], *at);
    }
    return best;
}

std::optional<std::uint32_t> ByteTrie::find(std::string_view text) const {
    const Match match = longest(text.data(), text.data() + text.size());
    if (match.size != text.size() || text.empty()) return std::nullopt;
    return match.value;
}

}  // namespace embedloom::plugins
