// Carries out a segment plan: the tokens of texts and the template's own tokens become rows.
#pragma once

#include <embedloom/abi/host.h>
#include <embedloom/host/columns.h>
#include <embedloom/run/window_rows.h>

#include <cstdint>
#include <span>
#include <vector>

namespace embedloom::run {

/// Text fields that a segment strategy may read.
inline constexpr std::uint32_t max_text_fields = 8;

/// What rows are to hold beyond ids.
struct WindowWants {
    bool offsets = false;
    bool words = false;
};

/// One for each worker.
class RowMover {
  public:
    struct Input {
        const host::Columns* plan;               ///< checked by the host
        const host::Columns* encoded;            ///< [fields]
        std::span<const std::uint32_t> texts;    ///< record p of the plan is text texts[p] of the encoded columns
        std::uint32_t fields;
        WindowWants wants;
        const el_vocabulary* vocabulary;
    };
    /// Appends the plan's rows. row_texts() then says for each row which text it is from.
    void move(const Input& input, WindowRows& rows);
    const std::vector<std::uint32_t>& row_texts() const { return row_texts_; }

    /// A list for the caller, kept between windows: Input::texts.
    std::vector<std::uint32_t>& texts() { return texts_; }

  private:
    std::vector<std::uint32_t> texts_, row_texts_;
};

}  // namespace embedloom::run
