// An objective, as the run calls it: rows to changed ids and declared columns, checked before anybody uses them.
#pragma once

#include <embedloom/abi/objective.h>
#include <embedloom/host/columns.h>
#include <embedloom/host/stage.h>

#include <span>

namespace embedloom::host {

/// Rows laid end to end; all but row_ends and keys have one value a token.
struct ObjectiveCall {
    std::span<const std::uint64_t> row_ends;
    std::span<const std::uint32_t> ids;
    std::span<const std::uint8_t> special;
    std::span<const std::uint32_t> words;  ///< empty unless needs_words()
    std::span<const el_key> keys;          ///< one a row
};

class ObjectiveStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its facts make no sense. Ids are checked
    /// against the vocabulary of the services' tokenizer.
    explicit ObjectiveStage(std::shared_ptr<Instance> instance);
    ObjectiveStage(const ObjectiveStage&) = delete;
    ObjectiveStage& operator=(const ObjectiveStage&) = delete;

    const Instance& instance() const { return *instance_; }
    bool needs_words() const { return needs_words_; }
    std::span<const el_column> columns() const {
        return {instance_->stage().columns, instance_->stage().column_count};
    }

    /// [any-thread] Column EL_APPLY_IDS, the ids now, and EL_APPLY_COLUMN(c) for each declared column, complete.
    Outcome apply(std::uint32_t worker, const ObjectiveCall& call, Columns& out) const;

  private:
    std::shared_ptr<Instance> instance_;
    const el_objective_functions* functions_;
    bool needs_words_ = false;
    std::uint32_t vocab_size_;
};

}  // namespace embedloom::host
