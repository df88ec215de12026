// The engines without a graph: whoever is free takes the next job from the coordinator.
#pragma once

#include <embedloom/engine/engine_base.h>
#include <embedloom/engine/in_order.h>

namespace embedloom::engine {

class JobEngine : public EngineBase {
  protected:
    using EngineBase::EngineBase;

    /// Runs the most urgent job: strips before windows, since they bring a batch to its end. False: there is none. The lock
    /// is held before and after, and let go meanwhile.
    bool run_job(Lock& lock, std::uint32_t worker);

  private:
    bool run_any_strip(Lock& lock, std::uint32_t worker);
    bool run_any_window(Lock& lock, std::uint32_t worker);
    bool pass_on_finished();

    InOrder in_order_;
};

}  // namespace embedloom::engine
