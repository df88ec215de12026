// Hands batches to the config's sink.
#pragma once

#include <embedloom/host/sink_stage.h>
#include <embedloom/run/session.h>

#include <string>

namespace embedloom::run {

/// [serial]
class SinkWriter {
  public:
    struct Run {
        const std::string& fingerprint;
        std::uint32_t rank = 0;
        std::uint32_t world = 1;
        bool resumes = false;          ///< the folder holds this run's own output
        std::uint64_t first_step = 0;  ///< what a run before left behind of this step and later ones is removed
    };
    /// Opens the sink. Throws base::Failure.
    SinkWriter(host::SinkStage& sink, const Run& run);
    void write(const Batch& batch);
    void close();

  private:
    host::SinkStage& sink_;
};

}  // namespace embedloom::run
