// Holds what is finished until everything before it is finished too.
#pragma once

#include <embedloom/engine/coordinator.h>

#include <map>
#include <optional>

namespace embedloom::engine {

/// For the engines without a sequencer_node. Never holds more than there are batch slots, and the end. One thread at a time.
class InOrder {
  public:
    void put(const Finished& finished) { waiting_.emplace(finished.sequence, finished); }

    std::optional<Finished> take() {
        const auto first = waiting_.begin();
        if (first == waiting_.end() || first->first != next_) return std::nullopt;
        const Finished finished = first->second;
        waiting_.erase(first);
        ++next_;
        return finished;
    }

  private:
    std::map<std::uint64_t, Finished> waiting_;
    std::uint64_t next_ = 0;
};

}  // namespace embedloom::engine
