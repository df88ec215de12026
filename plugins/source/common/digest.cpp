// The folded-product digest.
#include "digest.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

namespace embedloom::source {

namespace {

constexpr std::array<std::uint64_t, 8> keys{0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0, 0x082EFA98EC4E6C89,
                                            0x452821E638D01377, 0xBE5466CF34E90C6C, 0xC0AC29B7C97C50DD, 0x3F84D5B5B5470917};

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word_at(const char* bytes) {
    std::uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}  // namespace

void Digest::take(const char* bytes) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        // The lane is added, not multiplied: a product that happens to be 0 must not wipe out what came before.
        const std::uint64_t product = fold(word_at(bytes + 16 * i) ^ keys[2 * i], word_at(bytes + 16 * i + 8) ^ keys[2 * i + 1]);
        lanes_[i] = (std::rotl(lanes_[i], 27) + product) * 0x9FB21C651E98DF25;
    }
}

void Digest::add(std::string_view bytes) {
    if (bytes.empty()) return;  // of no memory, perhaps
    bytes_ += bytes.size();
    if (rest_bytes_) {
        const std::size_t more = std::min(stripe - rest_bytes_, bytes.size());
        std::memcpy(rest_.data() + rest_bytes_, bytes.data(), more);
        rest_bytes_ += more;
        bytes.remove_prefix(more);
        if (rest_bytes_ < stripe) return;
        take(rest_.data());
        rest_bytes_ = 0;
    }
    for (; bytes.size() >= stripe; bytes.remove_prefix(stripe)) take(bytes.data());
    if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
    rest_bytes_ = bytes.size();
}

std::string Digest::hex() const {
    Digest end = *this;
    std::fill(end.rest_.begin() + static_cast<std::ptrdiff_t>(rest_bytes_), end.rest_.end(), '\0');
    end.take(end.rest_.data());
    std::array<std::uint64_t, 2> halves{bytes_ ^ keys[6], std::rotl(bytes_, 32) ^ keys[7]};
    for (std::size_t i = 0; i < 4; ++i) {
        halves[0] = fold(halves[0] ^ end.lanes_[i], keys[i] ^ halves[1]) + end.lanes_[3 - i];
        halves[1] = fold(halves[1] ^ end.lanes_[3 - i], keys[4 + i] ^ halves[0]) + end.lanes_[i];
    }
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(halves[0]),
                  static_cast<unsigned long long>(halves[1]));
    return text;
}

}  // namespace embedloom::source
