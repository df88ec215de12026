// Makes rows of input embeddings: norm((token row * scale + segment row) + position row), cast once.
#pragma once

#include <embedloom/embed/aligned_floats.h>
#include <embedloom/embed/kernels.h>
#include <embedloom/embed/table_view.h>

#include <optional>

namespace embedloom::embed {

/// The widest vector, which bounds the memory that a call works in.
inline constexpr std::uint32_t max_width = 65536;

/// LayerNorm (Ba 2016):   (x - mean) / sqrt(biased variance + epsilon) * weight + bias
/// RMSNorm (Zhang 2019):  x / sqrt(mean of squares + epsilon) * weight + bias
/// In float32, the variance in a second pass. Weight and bias are [D] and may be missing.
struct Norm {
    NormKind kind = NormKind::none;
    const float* weight = nullptr;
    const float* bias = nullptr;
    double epsilon = 1e-12;
};

/// What an embedding is made of. Word embeddings alone are a recipe with nothing but a token table.
struct Recipe {
    TableView token;                   ///< [rows, D]
    float scale = 1;                   ///< of the token row alone; finite
    std::optional<TableView> segment;  ///< [segments, D]
    Norm norm;
    Dtype out = Dtype::float32;
};

/// Rows of a batch, R of them with S tokens each. Nothing is owned.
struct Strip {
    std::uint64_t rows = 0;    ///< R
    std::uint64_t length = 0;  ///< S
    /// [R,S], each below the token table's rows.
    const std::int64_t* ids = nullptr;
    /// [R,S], each below the segment table's rows; only if the recipe has one.
    const std::int64_t* segment_ids = nullptr;
    /// [S,D] or [R,S,D]; nullptr: none.
    const float* positions = nullptr;
    /// Numbers from one row's positions to the next; 0: [S,D] serves all rows.
    std::uint64_t position_stride = 0;
    /// [R,S], the attention mask, where pads shall be D zeros; nullptr: pads are tokens like any, as in BERT.
    const std::int64_t* zero_where_0 = nullptr;
    /// [R,S,D] of the recipe's type, at any alignment.
    std::byte* out = nullptr;
    /// Bytes from one row's output to the next; 0: S * D numbers.
    std::uint64_t out_stride = 0;
    /// Streaming is only a wish: it needs an output of whole 64-byte lines.
    Store store = Store::cached;
};

/// A recipe made ready. Reads the tables where they stand: their memory must outlive it. Norm vectors and
/// small segment tables are copied.
class Assembler {
  public:
    /// Throws base::Failure (config) where widths, strides or numbers of the recipe cannot be. [main]
    explicit Assembler(const Recipe& recipe);

    /// Fills strip.out. Ids are trusted to have rows in the tables. The bits depend neither on the
    /// instruction set nor on how a batch is cut into strips. Works in four vectors of its own on the heap:
    /// throws std::bad_alloc. [any-thread]
    void assemble(const Strip& strip) const;

    std::uint32_t width() const { return token_.width; }
    Dtype dtype() const { return out_; }

  private:
    struct Walk;
    class Norms;
    struct Scratch;

    void keep_norm(const Norm& norm);
    void keep_segments(const TableView& segment);
    bool copies_rows(const Strip& strip) const;
    void walk(const Strip& strip, const RowKernels& kernels) const;
    RowInputs inputs_of(const Walk& here, const Walk& ahead, Scratch& scratch) const;
    const std::byte* position_row(const Walk& at, Scratch& scratch) const;
    void arrange(float* row) const;
    const std::byte* token_row(const Walk& at) const;
    const std::byte* segment_row(std::int64_t id, float* scratch) const;

    TableView token_;
    float scale_;
    Dtype out_;
    std::optional<TableView> segment_;  // looks at segments_ if the table is small
    AlignedFloats segments_;            // in float32, arranged
    AlignedFloats absent_;              // D times -0: what is added where a part is missing
    AlignedFloats norm_;                // weight, then bias
    NormInputs norm_inputs_;
    RowKernels cached_;
    RowKernels streaming_;
};

}  // namespace embedloom::embed
