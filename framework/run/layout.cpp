// Moving rows into padded tensors.
#include <embedloom/run/layout.h>

#include <embedloom/embed/convert.h>

#include <algorithm>
#include <numeric>

namespace embedloom::run {

namespace {

/// Values of a row, widened, with pads at one side. width: numbers a token.
template <class To, class From>
void pad(std::span<const From> values, std::span<To> out, PadSide side, To pad_value) {
    const std::size_t pads = out.size() - values.size();
    To* to = out.data();
    if (side == PadSide::left) to = std::fill_n(to, pads, pad_value);
    for (std::size_t i = 0; i < values.size(); ++i) to[i] = static_cast<To>(values[i]);
    if (side == PadSide::right) std::fill_n(to + values.size(), pads, pad_value);
}

template <class T>
std::span<const T> tokens_of(const std::vector<T>& values, const RowMove& move, std::uint32_t width = 1) {
    return {values.data() + move.window->row_begin(move.window_row) * width,
            std::size_t{move.window->row_length(move.window_row)} * width};
}

template <class T>
std::span<T> row_of(Tensor& tensor, std::uint32_t row) {
    const std::uint64_t bytes = tensor.row_bytes();
    return {reinterpret_cast<T*>(tensor.data() + row * bytes), bytes / sizeof(T)};
}

void fill_mask(const RowMove& move, std::span<std::int64_t> out, PadSide side) {
    const std::uint32_t length = move.window->row_length(move.window_row);
    const std::size_t begin = side == PadSide::left ? out.size() - length : 0;
    std::fill(out.begin(), out.end(), 0);
    std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(begin), length, 1);
}

template <class T>
void fill_column(const TensorPlan& plan, PadSide side, const RowMove& move, Tensor& tensor, T pad_value) {
    const auto* values = reinterpret_cast<const T*>(move.window->columns[plan.column].bytes.data());
    if (!plan.per_token) {
        row_of<T>(tensor, move.batch_row)[0] = values[move.window_row];
        return;
    }
    const std::span<const T> row(values + move.window->row_begin(move.window_row),
                                 move.window->row_length(move.window_row));
    pad<T, T>(row, row_of<T>(tensor, move.batch_row), side, pad_value);
}

/// The bits of a number as a 16-bit float.
std::uint16_t float_bits(std::int64_t number, embed::Dtype dtype) {
    const auto wide = static_cast<float>(number);
    std::uint16_t bits = 0;
    embed::narrow(&wide, 1, dtype, reinterpret_cast<std::byte*>(&bits));
    return bits;
}

void fill_objective(const TensorPlan& plan, PadSide side, const RowMove& move, Tensor& tensor) {
    const auto fill = [&](auto pad_value) { fill_column(plan, side, move, tensor, pad_value); };
    switch (plan.dtype) {
        case EL_U8: return fill(static_cast<std::uint8_t>(plan.pad));
        case EL_I32: return fill(static_cast<std::int32_t>(plan.pad));
        case EL_U32: return fill(static_cast<std::uint32_t>(plan.pad));
        case EL_I64: return fill(plan.pad);
        case EL_U64: return fill(static_cast<std::uint64_t>(plan.pad));
        case EL_F16: return fill(float_bits(plan.pad, embed::Dtype::float16));
        case EL_BF16: return fill(float_bits(plan.pad, embed::Dtype::bfloat16));
        case EL_F32: return fill(static_cast<float>(plan.pad));
        default: return fill(static_cast<double>(plan.pad));  // EL_F64: the host lets no other through
    }
}

}  // namespace

std::uint32_t padded_length(const Padding& padding, std::uint32_t longest) {
    const std::uint64_t length = padding.to == PadTo::fixed ? padding.length : std::max(longest, 1u);
    const std::uint64_t padded = (length + padding.multiple - 1) / padding.multiple * padding.multiple;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(padded, UINT32_MAX));  // more fits no memory anyway
}

void fill_row(const TensorPlan& plan, const Padding& padding, const RowMove& move, Tensor& tensor) {
    const auto integers = [&] { return row_of<std::int64_t>(tensor, move.batch_row); };
    const WindowRows& window = *move.window;
    switch (plan.content) {
        case Content::input_ids:
            if (plan.dtype == EL_I32)
                return pad(tokens_of(window.ids, move), row_of<std::int32_t>(tensor, move.batch_row), padding.side,
                           static_cast<std::int32_t>(padding.token));
            return padded_ids(padding, move, integers());
        case Content::attention_mask: return fill_mask(move, integers(), padding.side);
        case Content::token_type_ids: return padded_segments(padding, move, integers());
        case Content::special_tokens_mask:
            return pad(tokens_of(window.special, move), integers(), padding.side, std::int64_t{1});
        case Content::position_ids: {
            const auto out = integers();
            std::iota(out.begin(), out.end(), 0);
            return;
        }
        case Content::sequence_ids:
            return pad(tokens_of(window.texts, move), row_of<std::int32_t>(tensor, move.batch_row), padding.side,
                       std::int32_t{-1});
        case Content::offset_mapping:
            return pad(tokens_of(window.offsets, move, 2), integers(), padding.side, std::int64_t{0});
        case Content::objective_column: return fill_objective(plan, padding.side, move, tensor);
        case Content::integer_label: integers()[0] = window.integer_labels[move.window_row]; return;
        case Content::number_label:
            row_of<float>(tensor, move.batch_row)[0] = window.number_labels[move.window_row];
            return;
        case Content::embeddings:
        case Content::word_embeddings: return;  // whole strips at once: see strip_maker
    }
}

void padded_ids(const Padding& padding, const RowMove& move, std::span<std::int64_t> out) {
    pad(tokens_of(move.window->ids, move), out, padding.side, static_cast<std::int64_t>(padding.token));
}

void padded_segments(const Padding& padding, const RowMove& move, std::span<std::int64_t> out) {
    pad(tokens_of(move.window->segments, move), out, padding.side, std::int64_t{0});
}

}  // namespace embedloom::run
