// A sink's three calls.
#include <embedloom/host/sink_stage.h>

#include <embedloom/host/check.h>

namespace embedloom::host {

SinkStage::SinkStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_sink_functions*>(functions_of(*instance_, EL_KIND_SINK))) {}

Outcome SinkStage::open(const el_run_facts& run) {
    return instance_->call(Instance::Tag::serial, [&](const el_problems* problems) {
        return functions_->open(instance_->handle().instance, &run, problems);
    });
}

Outcome SinkStage::write(const el_batch& batch) {
    return instance_->call(Instance::Tag::serial, [&](const el_problems* problems) {
        return functions_->write(instance_->handle().instance, &batch, problems);
    });
}

Outcome SinkStage::close() {
    return instance_->call(Instance::Tag::serial, [&](const el_problems* problems) {
        return functions_->close(instance_->handle().instance, problems);
    });
}

}  // namespace embedloom::host
