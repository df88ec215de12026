// A positional encoding, as the run calls it: position ids to vectors.
#pragma once

#include <embedloom/abi/position.h>
#include <embedloom/host/stage.h>

#include <span>

namespace embedloom::host {

class PositionStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its facts make no sense.
    explicit PositionStage(std::shared_ptr<Instance> instance);
    PositionStage(const PositionStage&) = delete;
    PositionStage& operator=(const PositionStage&) = delete;

    const Instance& instance() const { return *instance_; }
    /// EL_POSITION_NOTHING or EL_POSITION_VECTORS
    std::uint32_t form() const { return facts_.form; }
    /// D; 0: any, then set_width says which.
    std::uint32_t width() const { return facts_.width; }
    std::uint64_t max_positions() const { return facts_.max_positions; }

    /// [main] Once, where width() is 0: the width of this pipeline.
    Outcome set_width(std::uint32_t width);

    /// [any-thread] Vectors of position ids into out [ids.size(), D]. An id that is negative or not below max_positions is
    /// EL_BAD_DATA with its place among `ids` as the item.
    Outcome encode(std::span<const std::int64_t> ids, std::span<float> out) const;

  private:
    std::shared_ptr<Instance> instance_;
    const el_position_functions* functions_;
    el_position_facts facts_{};
};

}  // namespace embedloom::host
