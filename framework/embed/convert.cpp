// Exact conversions between float32 and the 16-bit types, sixteen at a time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "embedloom/embed/convert.cpp"
// clang-format off: must come first, it includes this file once for each instruction set
#include <hwy/foreach_target.h>
// clang-format on

#include <embedloom/embed/convert.h>
#include <embedloom/embed/order-inl.h>

HWY_BEFORE_NAMESPACE();
namespace embedloom::embed::HWY_NAMESPACE {

template <Dtype from, Dtype to>
void convert_span(const std::byte* in, std::uint64_t count, std::byte* out) {
    std::uint64_t at = 0;
    for (; at + block <= count; at += block)
        save<to>(load<from>(in + at * dtype_bytes(from)), out + at * dtype_bytes(to));
    if (at == count) return;
    const Block last = load_tail<from>(in + at * dtype_bytes(from), count - at);
    save_result_tail<Natural, to>(last, out + at * dtype_bytes(to), count - at);
}

void widen_span(const std::byte* in, Dtype from, std::uint64_t count, std::byte* out) {
    from == Dtype::float16 ? convert_span<Dtype::float16, Dtype::float32>(in, count, out)
                           : convert_span<Dtype::bfloat16, Dtype::float32>(in, count, out);
}

void narrow_span(const std::byte* in, std::uint64_t count, Dtype to, std::byte* out) {
    to == Dtype::float16 ? convert_span<Dtype::float32, Dtype::float16>(in, count, out)
                         : convert_span<Dtype::float32, Dtype::bfloat16>(in, count, out);
}

}  // namespace embedloom::embed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace embedloom::embed {

HWY_EXPORT(widen_span);
HWY_EXPORT(narrow_span);

void widen(const std::byte* in, Dtype from, std::uint64_t count, float* out) {
    if (from == Dtype::float32) {
        if (count) std::memcpy(out, in, count * sizeof(float));
        return;
    }
    HWY_DYNAMIC_DISPATCH(widen_span)(in, from, count, reinterpret_cast<std::byte*>(out));
}

void narrow(const float* in, std::uint64_t count, Dtype to, std::byte* out) {
    if (to == Dtype::float32) {
        if (count) std::memcpy(out, in, count * sizeof(float));
        return;
    }
    HWY_DYNAMIC_DISPATCH(narrow_span)(reinterpret_cast<const std::byte*>(in), count, to, out);
}

}  // namespace embedloom::embed
#endif
