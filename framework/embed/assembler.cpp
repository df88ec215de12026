// Makes rows of input embeddings: checks the recipe once, then walks over the tokens of a strip.
#include <embedloom/base/error.h>
#include <embedloom/embed/assembler.h>
#include <embedloom/embed/convert.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

static_assert(std::endian::native == std::endian::little, "tables are little-endian and read as they are");

namespace embedloom::embed {

namespace {

constexpr std::uint64_t line = 64;  // bytes
// Rows that share a position's vector, while it is in the first cache and in the order the kernels want.
// Twice as many gain nothing.
constexpr std::uint64_t rows_together = 8;
// Of a segment table in float32. What is larger is like a vocabulary and stays where it is.
constexpr std::uint64_t small_segment_bytes = 1 << 20;

[[noreturn]] void refuse(const std::string& found, const std::string& expected) {
    throw base::Failure({.code = base::Code::config, .found = found, .expected = expected});
}

void check_table(const TableView& table, const std::string& name) {
    if (table.width == 0 || table.width > max_width)
        refuse(name + " table of width " + std::to_string(table.width),
               "a width from 1 to " + std::to_string(max_width));
    if (table.stride_bytes < table.row_bytes() && table.rows > 1)
        refuse(name + " table with " + std::to_string(table.stride_bytes) + " bytes from row to row",
               "at least " + std::to_string(table.row_bytes()) + ", the bytes of a row");
}

void check(const Recipe& recipe) {
    check_table(recipe.token, "token");
    if (recipe.segment) {
        check_table(*recipe.segment, "segment");
        if (recipe.segment->width != recipe.token.width)
            refuse("segment table of width " + std::to_string(recipe.segment->width),
                   "the width of the token table, " + std::to_string(recipe.token.width));
    }
    if (!std::isfinite(recipe.scale)) refuse("scale " + std::to_string(recipe.scale), "a finite number");
    if (!std::isfinite(recipe.norm.epsilon) || recipe.norm.epsilon < 0)
        refuse("norm epsilon " + std::to_string(recipe.norm.epsilon), "a finite number from 0");
}

}  // namespace

// What a worker needs beside the output: a few vectors, on the heap, as stacks may be small.
struct Assembler::Scratch {
    explicit Scratch(std::uint32_t width)
        : numbers(std::size_t{4} * padded_width(width), 0.0f),
          sums{numbers.data(), numbers.data() + padded_width(width)},
          segment(sums[1] + padded_width(width)),
          position(segment + padded_width(width)) {}

    AlignedFloats numbers;
    float* sums[2];  // of a row and of the one before
    float* segment;
    float* position;
    const float* arranged_position = nullptr;  // what `position` was made of
};

// Norms each row one behind its sum: while the processor waits for a sum's parts to come together, it writes the row before.
class Assembler::Norms {
  public:
    Norms(const RowKernels& kernels, std::uint32_t width, const NormInputs& inputs) : kernels_(kernels), width_(width), inputs_(inputs) {}

    void add(const RowInputs& in, float* const (&sums)[2], std::byte* out) {
        float* sum = sums[turn_];
        turn_ = 1 - turn_;
        const float total = kernels_.sum(in, sum);
        finish();
        kernels_.measure(sum, width_, total, inputs_, centre_);
        sum_ = sum;
        out_ = out;
    }
    /// Writes the last row that was added.
    void finish() {
        if (sum_) kernels_.finish(sum_, width_, centre_, inputs_, out_);
        sum_ = nullptr;
    }

  private:
    const RowKernels& kernels_;
    std::uint32_t width_;
    const NormInputs& inputs_;
    const float* sum_ = nullptr;  // what is still to be written,
    Centre centre_;
    std::byte* out_ = nullptr;  // and where
    int turn_ = 0;
};

// The tokens of a strip in the order of work: a few rows together, column by column, so that a position's
// vector is still in the first cache when the next row wants it.
struct Assembler::Walk {
    const Strip* strip;
    std::uint64_t first_row = 0;  // of the rows worked on together
    std::uint64_t row = 0;
    std::uint64_t column = 0;

    bool done() const { return row == strip->rows || strip->length == 0; }
    std::uint64_t token() const { return row * strip->length + column; }
    void step() {
        const std::uint64_t end = std::min(first_row + rows_together, strip->rows);
        if (++row < end) return;
        row = first_row;
        if (++column < strip->length) return;
        column = 0;
        row = first_row = end;
    }
};

Assembler::Assembler(const Recipe& recipe)
    : token_(recipe.token), scale_(recipe.scale), out_(recipe.out), segment_(recipe.segment) {
    check(recipe);
    KernelChoice choice{.token = token_.dtype,
                        .out = out_,
                        .scaling = scale_ == 1 ? Scaling::none : Scaling::any,
                        .norm = recipe.norm.kind,
                        .store = Store::cached};
    cached_ = row_kernels(choice);
    choice.store = Store::streaming;
    streaming_ = row_kernels(choice);
    absent_ = AlignedFloats(padded_width(token_.width), -0.0f);
    if (segment_) keep_segments(*recipe.segment);
    if (recipe.norm.kind != NormKind::none) keep_norm(recipe.norm);
}

void Assembler::arrange(float* row) const {
    if (cached_.arrange) cached_.arrange(reinterpret_cast<const std::byte*>(row), width(), row);
}

void Assembler::keep_segments(const TableView& segment) {
    const std::uint64_t padded = padded_width(segment.width);
    if (segment.rows == 0 || segment.rows > small_segment_bytes / (padded * sizeof(float))) return;
    segments_ = AlignedFloats(segment.rows * padded, 0);
    for (std::uint64_t row = 0; row < segment.rows; ++row) {
        widen(segment.row(row), segment.dtype, segment.width, segments_.data() + row * padded);
        arrange(segments_.data() + row * padded);
    }
    segment_ =
        TableView{segments_.bytes(), segment.rows, segment.width, Dtype::float32, padded * sizeof(float)};
}

void Assembler::keep_norm(const Norm& norm) {
    const std::uint32_t padded = padded_width(token_.width);
    norm_ = AlignedFloats(std::size_t{2} * padded, 1.0f);
    std::fill_n(norm_.data() + padded, padded, -0.0f);
    if (norm.weight) std::copy_n(norm.weight, token_.width, norm_.data());
    if (norm.bias) std::copy_n(norm.bias, token_.width, norm_.data() + padded);
    const bool finite = std::all_of(norm_.data(), norm_.data() + norm_.size(),
                                    [](float number) { return std::isfinite(number); });
    norm_inputs_ = {norm_.data(), norm_.data() + padded, norm.epsilon, finite};
    arrange(norm_.data());
    arrange(norm_.data() + padded);
}

const std::byte* Assembler::segment_row(std::int64_t id, float* scratch) const {
    const std::byte* row = segment_->row(static_cast<std::uint64_t>(id));
    const bool ready = !segments_.empty() || !cached_.arrange;
    if (ready && segment_->dtype == Dtype::float32) return row;
    widen(row, segment_->dtype, segment_->width, scratch);
    arrange(scratch);
    return reinterpret_cast<const std::byte*>(scratch);
}

const std::byte* Assembler::position_row(const Walk& at, Scratch& scratch) const {
    const Strip& strip = *at.strip;
    const float* row = strip.positions + at.row * strip.position_stride + at.column * width();
    const auto* bytes = reinterpret_cast<const std::byte*>(row);
    if (!cached_.arrange) return bytes;
    if (scratch.arranged_position != row) cached_.arrange(bytes, width(), scratch.position);
    scratch.arranged_position = row;
    return reinterpret_cast<const std::byte*>(scratch.position);
}

bool Assembler::copies_rows(const Strip& strip) const {
    return out_ == token_.dtype && scale_ == 1 && !segment_ && !strip.positions && !norm_inputs_.weight;
}

void Assembler::assemble(const Strip& strip) const {
    const std::uint64_t row_bytes = std::uint64_t{width()} * dtype_bytes(out_);
    Strip whole = strip;
    if (whole.out_stride == 0) whole.out_stride = strip.length * row_bytes;
    const bool lines = (std::bit_cast<std::uintptr_t>(strip.out) | whole.out_stride | row_bytes) % line == 0;
    const RowKernels& kernels = strip.store == Store::streaming && lines ? streaming_ : cached_;
    walk(whole, kernels);
    if (&kernels == &streaming_) kernels.fence();
}

const std::byte* Assembler::token_row(const Walk& at) const {
    return token_.row(static_cast<std::uint64_t>(at.strip->ids[at.token()]));
}

RowInputs Assembler::inputs_of(const Walk& here, const Walk& ahead, Scratch& scratch) const {
    RowInputs in{.token = token_row(here),
                 .next_token = token_row(ahead.done() ? here : ahead),
                 .segment = absent_.bytes(),
                 .position = absent_.bytes(),
                 .scale = scale_,
                 .width = width()};
    if (segment_) in.segment = segment_row(here.strip->segment_ids[here.token()], scratch.segment);
    if (here.strip->positions) in.position = position_row(here, scratch);
    return in;
}

void Assembler::walk(const Strip& strip, const RowKernels& kernels) const {
    const std::uint64_t out_bytes = std::uint64_t{width()} * dtype_bytes(out_);
    const bool copies = copies_rows(strip);
    Scratch scratch(width());
    Norms norms(kernels, width(), norm_inputs_);
    Walk ahead{&strip};
    for (Walk here{&strip}; !here.done(); here = ahead) {
        ahead.step();
        std::byte* out = strip.out + here.row * strip.out_stride + here.column * out_bytes;
        if (strip.zero_where_0 && strip.zero_where_0[here.token()] == 0) {
            std::memset(out, 0, out_bytes);
            continue;
        }
        const RowInputs in = inputs_of(here, ahead, scratch);
        if (copies)
            kernels.copy(in.token, in.next_token, out_bytes, out);
        else if (kernels.sum)
            norms.add(in, scratch.sums, out);
        else
            kernels.plain(in, out);
    }
    norms.finish();
}

}  // namespace embedloom::embed
