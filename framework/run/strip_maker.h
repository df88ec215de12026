// One strip of a batch: its rows padded into every tensor, embeddings assembled straight into the batch's memory.
#pragma once

#include <embedloom/embed/assembler.h>
#include <embedloom/run/batch_slot.h>
#include <embedloom/run/stage_clock.h>

#include <string>
#include <vector>

namespace embedloom::run {

/// A file of the source, for a row's origin.
struct SourceFile {
    std::uint64_t begin = 0;  ///< its first byte in the source
    std::string path;
};

/// Everything that is the same for all batches of a run.
struct BatchLayout {
    std::vector<TensorPlan> tensors;
    Padding padding;
    std::vector<SourceFile> files;
    const embed::Assembler* embeddings = nullptr;  ///< when `embeddings` is emitted
    const embed::Assembler* words = nullptr;       ///< when `word_embeddings` is
    std::vector<float> positions;                  ///< [longest S, D], or empty
    bool segments = false;                         ///< the embedding looks up segment ids
};

class StripMaker {
  public:
    StripMaker(BatchLayout layout, StageClock& clock, std::uint32_t workers);

    /// Opens a slot for a batch of so many rows, the longest of `longest` tokens. [serial]
    void open(BatchSlot& slot, std::uint32_t rows, std::uint32_t longest) const;

    /// Fills rows of an opened slot: consecutive ones, in order. [any-thread], one call a worker at a time
    void make(BatchSlot& slot, const std::vector<RowMove>& moves, std::uint32_t worker) const;

  private:
    /// Ids of a strip where the batch has no tensor of them.
    struct Worker {
        std::vector<std::int64_t> ids, segments;
    };
    void embed(BatchSlot& slot, const std::vector<RowMove>& moves, Worker& worker) const;
    Origin origin_of(const RowMove& move) const;

    BatchLayout layout_;
    StageClock* clock_;
    mutable std::vector<Worker> workers_;
};

}  // namespace embedloom::run
