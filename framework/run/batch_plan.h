// What every batch of a run looks like, from its config: tensors, padding, and whether all sizes fit together.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/run/layout.h>
#include <embedloom/run/row_mover.h>
#include <embedloom/run/stages.h>

#include <vector>

namespace embedloom::run {

/// Sizes that are fixed before any work.
struct BatchPlan {
    std::vector<TensorPlan> tensors;  ///< in the order of batch.emit
    Padding padding;
    std::uint32_t longest = 0;        ///< S of the longest batch
    std::uint32_t width = 0;          ///< D; 0: no embedding
    WindowWants wants;

    bool emits(Content content) const;
    /// Bytes of a batch of so many rows of the longest S.
    std::uint64_t batch_bytes(std::uint64_t rows) const;
};

/// Works out the plan of a config. Where stages could not be made, which is told already, it is no whole plan, and only mistakes that do
/// not follow from that are found. Sizes that do not fit together (ids beyond table rows, widths,
/// positions, segment ids), tensors that nothing makes and lengths that cannot be are added to `errors`; what is allowed but
/// worth a look to `notes`. Sets the position stage's width.
BatchPlan plan_batches(const config::Spec& spec, Stages& stages, std::vector<base::Error>& errors,
                       std::vector<base::Error>& notes);

}  // namespace embedloom::run
