// SHA-256, for names of content: what a run was made from, what a cache entry was made of.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace embedloom::base {

/// Feed with update(), then take the digest once. Source: FIPS 180-4.
class Sha256 {
  public:
    void update(std::span<const std::byte> bytes);
    void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
    /// Ends it: the object must not be used afterwards.
    std::array<std::uint8_t, 32> finish();
    /// The same in 64 lower-case hexadecimal digits.
    std::string finish_hex();

  private:
    void take_block(const std::byte* block);

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::byte, 64> rest_{};
    std::uint64_t bytes_ = 0;
};

/// The digest of a text in hexadecimal.
std::string sha256_hex(std::string_view text);

/// A digest that takes the same time for any size: of the size and, beyond 1 MiB, of 16 evenly spaced pieces of 64 KiB, the
/// first and the last among them; below it of everything. Hexadecimal.
std::string sampled_sha256_hex(std::span<const std::byte> bytes);

}  // namespace embedloom::base
