// Which tensors a batch has, and how the rows of windows fill them.
#pragma once

#include <embedloom/run/tensor.h>
#include <embedloom/run/window_rows.h>

#include <cstdint>
#include <span>
#include <string>

namespace embedloom::run {

/// What a tensor is filled from.
enum class Content {
    input_ids,
    attention_mask,
    token_type_ids,
    special_tokens_mask,
    position_ids,
    sequence_ids,
    offset_mapping,
    objective_column,  ///< `column` of the objective
    integer_label,     ///< of the record
    number_label,
    embeddings,
    word_embeddings,
};

/// One tensor of every batch.
struct TensorPlan {
    std::string name;
    Content content = Content::input_ids;
    el_dtype dtype = EL_I64;
    std::uint32_t column = 0;
    std::uint32_t axis = EL_NONE;  ///< objective columns: EL_AXIS_ROW or EL_AXIS_TOKEN
    std::int64_t pad = 0;
    std::uint32_t width = 1;       ///< numbers a token: 2 for offsets, D for embeddings
    bool per_token = true;         ///< [B,S,...], else [B]
};

enum class PadSide { right, left };
enum class PadTo { longest, fixed };

/// How rows become equally long.
struct Padding {
    PadTo to = PadTo::longest;
    std::uint32_t length = 0;    ///< of fixed
    std::uint32_t multiple = 1;
    PadSide side = PadSide::right;
    std::uint32_t token = 0;     ///< the pad token's id
};

/// S of a batch whose longest row has `longest` tokens: a multiple of padding.multiple, unless that has no 32 bits.
std::uint32_t padded_length(const Padding& padding, std::uint32_t longest);

/// One row of a window on its way into row `row` of the batch.
struct RowMove {
    const WindowRows* window;
    std::uint32_t window_row;
    std::uint32_t batch_row;
};

/// Fills row `move.batch_row` of a tensor [B,S,...] or [B] that holds numbers (not embeddings). [any-thread]
void fill_row(const TensorPlan& plan, const Padding& padding, const RowMove& move, Tensor& tensor);

/// Ids of a row, padded to S: what the embedding looks up. [any-thread]
void padded_ids(const Padding& padding, const RowMove& move, std::span<std::int64_t> out);
/// Segment ids of a row, pads 0. [any-thread]
void padded_segments(const Padding& padding, const RowMove& move, std::span<std::int64_t> out);

}  // namespace embedloom::run
