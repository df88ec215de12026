// An exact permutation of 0, ..., n - 1 as a function: no list is kept where n is large, and any place is had
// at once.
#pragma once

#include <embedloom/abi/philox.h>

#include <array>
#include <cstdint>
#include <vector>

namespace embedloom::loom {

/// A keyed permutation. Up to 4096 items a true shuffle (Fisher-Yates on the counter-based generator), as
/// short ciphers are measurably biased there; above, a Feistel cipher of 8 rounds over the smallest power of
/// two that holds n, halves apart by one bit at most, walked until it falls below n: fewer than 2 tries on
/// average. Const calls: [any-thread]. Memory: 4 bytes an item up to 4096 items, else none. Source: Black and
/// Rogaway, "Ciphers with arbitrary finite domains" (CT-RSA 2002), on cycle walking.
class Permutation {
  public:
    static constexpr std::uint64_t largest_listed = 4096;

    Permutation(const el_key& key, std::uint64_t n);

    std::uint64_t size() const { return size_; }

    /// Which item stands at `position`. Throws base::Failure (internal) where position is not below size().
    std::uint64_t at(std::uint64_t position) const;

    /// At which position `item` stands: inverse(at(i)) == i. Throws as at.
    std::uint64_t inverse(std::uint64_t item) const;

  private:
    void shuffle_list(const el_key& key);
    void draw_round_keys(const el_key& key);
    std::uint64_t encrypt(std::uint64_t value) const;
    std::uint64_t decrypt(std::uint64_t value) const;
    std::uint64_t left_mask(int round, std::uint64_t right) const;
    std::uint64_t right_mask(int round, std::uint64_t left) const;

    std::uint64_t size_;
    std::vector<std::uint16_t> item_at_;      // listed
    std::vector<std::uint16_t> position_of_;  // listed
    std::array<std::uint64_t, 8> round_keys_{};
    unsigned left_bits_ = 0;
    unsigned right_bits_ = 0;
};

}  // namespace embedloom::loom
