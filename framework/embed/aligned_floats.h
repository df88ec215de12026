// A fixed number of float32 in memory that starts at a cache line.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace embedloom::embed {

/// Owns `count` numbers, all `value` at first. Loads from it never straddle two lines.
class AlignedFloats {
  public:
    AlignedFloats() = default;
    AlignedFloats(std::size_t count, float value)
        : data_(static_cast<float*>(::operator new(count * sizeof(float), line))), size_(count) {
        std::uninitialized_fill_n(data_.get(), count, value);
    }

    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }
    const std::byte* bytes() const { return reinterpret_cast<const std::byte*>(data_.get()); }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

  private:
    static constexpr std::align_val_t line{64};
    struct Free {
        void operator()(float* data) const { ::operator delete(data, line); }
    };
    std::unique_ptr<float, Free> data_;
    std::size_t size_ = 0;
};

}  // namespace embedloom::embed
