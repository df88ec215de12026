// A 128-bit digest of content: it tells files apart and names cache entries.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace embedloom::source {

/// Four lanes of folded 64 x 64 -> 128 bit products over 64-byte stripes, several GB/s. Two contents meet by chance once in
/// 2^64 tries; it is no defence against someone who looks for a collision, and must not be used as one.
class Digest {
  public:
    void add(std::string_view bytes);
    /// 32 hexadecimal digits of all that was added.
    std::string hex() const;

  private:
    static constexpr std::size_t stripe = 64;
    void take(const char* bytes);

    std::array<std::uint64_t, 4> lanes_{0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5};
    std::array<char, stripe> rest_{};
    std::size_t rest_bytes_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace embedloom::source
