// Seeded tables and their bits for the tests of embed.
#pragma once

#include <embedloom/embed/convert.h>
#include <embedloom/embed/table_view.h>

#include <cstring>
#include <random>
#include <vector>

namespace embedloom::test {

/// From -2 to 2, some of them zero, negative zero or subnormal. The seed is the argument.
inline std::vector<float> random_floats(std::size_t count, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::vector<float> numbers(count);
    for (float& number : numbers) {
        const auto draw = static_cast<std::uint32_t>(engine());
        number = static_cast<float>(static_cast<std::int32_t>(draw)) * 0x1p-30f;
        if (draw % 61 == 0) number = 0;
        if (draw % 67 == 0) number = -0.0f;
        if (draw % 71 == 0) number = 0x1p-135f;
    }
    return numbers;
}

/// A table that owns its bytes, laid out as badly as a file may: rows begin `shift` bytes after a boundary
/// and `gap` bytes stand between them.
class Table {
  public:
    Table(std::uint64_t rows, std::uint32_t width, embed::Dtype dtype, std::uint32_t seed)
        : stride_(std::uint64_t{width} * embed::dtype_bytes(dtype) + gap),
          bytes_(shift + rows * stride_ - gap) {
        const std::vector<float> numbers = random_floats(rows * width, seed);
        for (std::uint64_t row = 0; row < rows; ++row)
            embed::narrow(numbers.data() + row * width, width, dtype, bytes_.data() + shift + row * stride_);
        view_ = {bytes_.data() + shift, rows, width, dtype, stride_};
    }
    const embed::TableView& view() const { return view_; }

  private:
    static constexpr std::uint64_t shift = 1;
    static constexpr std::uint64_t gap = 5;
    std::uint64_t stride_;
    std::vector<std::byte> bytes_;
    embed::TableView view_;
};

inline embed::TableView view_of(const std::vector<float>& numbers, std::uint32_t width) {
    return {reinterpret_cast<const std::byte*>(numbers.data()), numbers.size() / width, width,
            embed::Dtype::float32, std::uint64_t{width} * sizeof(float)};
}

inline std::uint32_t bits_of(float number) {
    std::uint32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    return bits;
}

inline float float_of(std::uint32_t bits) {
    float number;
    std::memcpy(&number, &bits, sizeof number);
    return number;
}

}  // namespace embedloom::test
