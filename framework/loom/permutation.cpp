// Fisher-Yates for few items, a Feistel cipher for many.
#include <embedloom/base/error.h>
#include <embedloom/loom/permutation.h>

#include <bit>
#include <numeric>
#include <string>
#include <utility>

namespace embedloom::loom {

namespace {

// Streams of the permutation's key.
constexpr std::uint32_t shuffle_stream = 0;
constexpr std::uint32_t round_key_stream = 1;

constexpr int rounds = 8;

/// Mixes all bits of a half and a round key. The halves are short, so what a round does must depend on the
/// whole key: two multiplications with shifts between them; with one the battery of the tests shows a pattern
/// at few items.
std::uint64_t mix(std::uint64_t value) {
    value ^= value >> 32;
    value *= 0x9FB21C651E98DF25;
    value ^= value >> 29;
    value *= 0xD6E8FEB86659FD93;
    return value ^ (value >> 32);
}

void check_below(std::uint64_t value, std::uint64_t size) {
    if (value < size) return;
    throw base::Failure({.stage = "order",
                         .found = "item " + std::to_string(value),
                         .expected = "below " + std::to_string(size) + ", the size of the permutation"});
}

}  // namespace

Permutation::Permutation(const el_key& key, std::uint64_t n) : size_(n) {
    if (n <= largest_listed) shuffle_list(key);
    else draw_round_keys(key);
}

std::uint64_t Permutation::at(std::uint64_t position) const {
    check_below(position, size_);
    if (size_ <= largest_listed) return item_at_[position];
    do position = encrypt(position);
    while (position >= size_);
    return position;
}

std::uint64_t Permutation::inverse(std::uint64_t item) const {
    check_below(item, size_);
    if (size_ <= largest_listed) return position_of_[item];
    do item = decrypt(item);
    while (item >= size_);
    return item;
}

void Permutation::shuffle_list(const el_key& key) {
    item_at_.resize(size_);
    std::iota(item_at_.begin(), item_at_.end(), std::uint16_t{0});
    std::uint32_t index = 0;
    for (std::size_t left = item_at_.size(); left > 1; --left)
        std::swap(item_at_[left - 1], item_at_[el_below(&key, shuffle_stream, &index, left)]);
    position_of_.resize(size_);
    for (std::uint16_t at = 0; at < size_; ++at) position_of_[item_at_[at]] = at;
}

void Permutation::draw_round_keys(const el_key& key) {
    const auto bits = static_cast<unsigned>(std::bit_width(size_ - 1));
    left_bits_ = bits / 2;
    right_bits_ = bits - left_bits_;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        std::uint32_t word[4];
        el_draw(&key, round_key_stream, round, word);
        round_keys_[round] = (std::uint64_t{word[1]} << 32) | word[0];
    }
}

/// What a round adds to the left half, and to the right one.
std::uint64_t Permutation::left_mask(int round, std::uint64_t right) const {
    return mix(right ^ round_keys_[static_cast<std::size_t>(round)]) >> (64 - left_bits_);
}

std::uint64_t Permutation::right_mask(int round, std::uint64_t left) const {
    return mix(left ^ round_keys_[static_cast<std::size_t>(round)]) >> (64 - right_bits_);
}

std::uint64_t Permutation::encrypt(std::uint64_t value) const {
    std::uint64_t left = value >> right_bits_;
    std::uint64_t right = value & ((std::uint64_t{1} << right_bits_) - 1);
    for (int round = 0; round < rounds; round += 2) {
        left ^= left_mask(round, right);
        right ^= right_mask(round + 1, left);
    }
    return (left << right_bits_) | right;
}

std::uint64_t Permutation::decrypt(std::uint64_t value) const {
    std::uint64_t left = value >> right_bits_;
    std::uint64_t right = value & ((std::uint64_t{1} << right_bits_) - 1);
    for (int round = rounds - 2; round >= 0; round -= 2) {
        right ^= right_mask(round + 1, left);
        left ^= left_mask(round, right);
    }
    return (left << right_bits_) | right;
}

}  // namespace embedloom::loom
