// Hands batches to the config's sink.
#pragma once

#include <embedloom/host/sink_stage.h>
#include <embedloom/run/session.h>

#include <string>

namespace embedloom::run {

/// [serial]
class SinkWriter {
  public:
    /// Opens the sink. Throws base::Failure.
    SinkWriter(host::SinkStage& sink, const std::string& fingerprint);
    void write(const Batch& batch);
    void close();

  private:
    host::SinkStage& sink_;
};

}  // namespace embedloom::run
