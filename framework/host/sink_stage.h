// A sink, as the run calls it: batches to files, in order.
#pragma once

#include <embedloom/abi/sink.h>
#include <embedloom/host/stage.h>

namespace embedloom::host {

class SinkStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind.
    explicit SinkStage(std::shared_ptr<Instance> instance);
    SinkStage(const SinkStage&) = delete;
    SinkStage& operator=(const SinkStage&) = delete;

    const Instance& instance() const { return *instance_; }
    /// [serial] Before the first batch.
    Outcome open(const el_run_facts& run);
    /// [serial] In order of steps; where it succeeds the batch is on disk, whole.
    Outcome write(const el_batch& batch);
    /// [serial] After the last batch of a run that came to its end.
    Outcome close();

  private:
    std::shared_ptr<Instance> instance_;
    const el_sink_functions* functions_;
};

}  // namespace embedloom::host
