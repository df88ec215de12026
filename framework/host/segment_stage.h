// A segment strategy, as the run calls it: lengths to a plan of rows. What comes back is checked before anybody uses it.
#pragma once

#include <embedloom/abi/segment.h>
#include <embedloom/host/columns.h>
#include <embedloom/host/stage.h>

#include <span>
#include <string>
#include <vector>

namespace embedloom::host {

/// el_segment_facts, owned.
struct SegmentFacts {
    bool is_row_per_record = false;
    std::uint32_t max_length = 0;
    std::uint32_t segment_ids = 0;
    std::uint32_t window_rows = 1;
    std::vector<std::string> fields;
    std::vector<std::uint32_t> wanted;  ///< one for each field
};

/// One call: lengths [records, fields], EL_NONE where the record lacks the field; keys, one a record.
struct PlanCall {
    std::span<const std::uint32_t> lengths;
    std::span<const el_key> keys;
};

class SegmentStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its facts make no sense. Literal tokens are
    /// checked against the vocabulary of the services' tokenizer.
    explicit SegmentStage(std::shared_ptr<Instance> instance);
    SegmentStage(const SegmentStage&) = delete;
    SegmentStage& operator=(const SegmentStage&) = delete;

    const Instance& instance() const { return *instance_; }
    const SegmentFacts& facts() const { return facts_; }

    /// [any-thread] Columns EL_PLAN_...: pieces, ends of rows, codes of records. Every piece lies within its field, no row
    /// is longer than max_length, a record with a code has no piece.
    Outcome plan(std::uint32_t worker, const PlanCall& call, Columns& out) const;
    /// [any-thread] How many rows plan would make.
    Outcome count(std::uint32_t worker, const PlanCall& call, std::uint64_t& rows) const;

  private:
    std::shared_ptr<Instance> instance_;
    const el_segment_functions* functions_;
    SegmentFacts facts_;
    std::uint32_t vocab_size_;
};

}  // namespace embedloom::host
