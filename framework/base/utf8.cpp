// Validates UTF-8 at a speed that does not depend on the script: 32 bytes at a time where they are ASCII, else by a state
// machine whose step is one load and one shift, without a branch.
#include <embedloom/base/utf8.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace embedloom::base {

namespace {

// The states, each the place of its six bits in a row of the table. `lost` is 0, so that a shift never leaves it.
enum State : std::uint64_t {
    lost = 0,
    whole = 6,
    one_left = 12,
    two_left = 18,
    three_left = 24,
    after_e0 = 30,
    after_ed = 36,
    after_f0 = 42,
    after_f4 = 48
};

struct Range {
    State from;
    unsigned first, last;  ///< bytes
    State to;
};

// Unicode 15, table 3-7; what is not here is malformed.
constexpr std::array<Range, 16> well_formed{{{whole, 0x00, 0x7F, whole},        {whole, 0xC2, 0xDF, one_left},
                                             {whole, 0xE0, 0xE0, after_e0},     {whole, 0xE1, 0xEC, two_left},
                                             {whole, 0xED, 0xED, after_ed},     {whole, 0xEE, 0xEF, two_left},
                                             {whole, 0xF0, 0xF0, after_f0},     {whole, 0xF1, 0xF3, three_left},
                                             {whole, 0xF4, 0xF4, after_f4},     {one_left, 0x80, 0xBF, whole},
                                             {two_left, 0x80, 0xBF, one_left},  {three_left, 0x80, 0xBF, two_left},
                                             {after_e0, 0xA0, 0xBF, one_left},  {after_ed, 0x80, 0x9F, one_left},
                                             {after_f0, 0x90, 0xBF, two_left},  {after_f4, 0x80, 0x8F, two_left}}};

/// Row of a byte: at each state's place the state that follows.
constexpr std::array<std::uint64_t, 256> make_rows() {
    std::array<std::uint64_t, 256> rows{};
    for (const Range& range : well_formed)
        for (unsigned byte = range.first; byte <= range.last; ++byte)
            rows[byte] |= static_cast<std::uint64_t>(range.to) << range.from;
    return rows;
}
constexpr std::array<std::uint64_t, 256> rows = make_rows();

constexpr std::size_t block = 32;

bool is_ascii(const unsigned char* at) {
    std::uint64_t words[4];
    std::memcpy(words, at, sizeof words);
    return ((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u) == 0;
}

std::uint64_t step(std::uint64_t state, const unsigned char* at, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) state = rows[at[i]] >> (state & 63);
    return state & 63;
}

/// The begin of the first character that is malformed from `at` on, where a character begins.
std::size_t malformed_from(const unsigned char* bytes, std::size_t at, std::size_t size) {
    std::size_t begin = at;
    for (std::uint64_t state = whole; at < size; ++at) {
        state = step(state, bytes + at, 1);
        if (state == lost) return begin;
        if (state == whole) begin = at + 1;
    }
    return begin;  // cut off
}

}  // namespace

std::size_t first_invalid_utf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::uint64_t state = whole;
    std::size_t character = 0;  // where one began, not far back
    for (std::size_t i = 0; i < text.size(); i += block) {
        const std::size_t count = text.size() - i < block ? text.size() - i : block;
        if (state == whole) {
            character = i;
            if (count == block && is_ascii(bytes + i)) continue;
        }
        state = step(state, bytes + i, count);
        if (state == lost) return malformed_from(bytes, character, text.size());
    }
    return state == whole ? std::string_view::npos : malformed_from(bytes, character, text.size());
}

}  // namespace embedloom::base
