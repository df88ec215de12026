// The stream's law written to be obvious, not fast: every row is looked for from scratch. The twin of
// framework/loom.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace embedloom::reference {

struct ModelPlace {
    std::uint64_t epoch, window, row;
    bool operator==(const ModelPlace&) const = default;
};

struct ModelCursor {
    std::uint64_t window, row;
    bool operator==(const ModelCursor&) const = default;
};

struct ModelState {
    std::uint64_t step = 0, epoch = 0;
    std::vector<ModelCursor> cursors;
    bool ended = false;
    bool operator==(const ModelState&) const = default;
};

struct ModelBatch {
    std::vector<ModelPlace> places;
    ModelState after;
    std::uint64_t repeats = 0;
};

/// What the law calls an error.
enum class ModelError { epoch_without_a_row, not_one_full_batch };

enum class ModelTail { short_batch, drop, wrap };

class StreamModel {
  public:
    std::uint64_t windows = 1, lanes = 1, batch = 1;
    std::optional<std::uint64_t> epochs = 1;
    ModelTail tail = ModelTail::short_batch;
    std::function<std::uint64_t(std::uint64_t epoch, std::uint64_t window)> rows;

    ModelState start() const;
    /// The batch after `state`, or nothing at the end. Throws ModelError.
    std::optional<ModelBatch> step(const ModelState& state) const;

  private:
    using Cursors = std::vector<ModelCursor>;
    using Places = std::vector<ModelPlace>;
    bool one_row(std::uint64_t epoch, ModelCursor& cursor, Places& places) const;
    void one_each(std::uint64_t epoch, Cursors& cursors, Places& places) const;
    void fair_shares(std::uint64_t epoch, Cursors& cursors, Places& places) const;
};

}  // namespace embedloom::reference
