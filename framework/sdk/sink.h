// What a sink derives from.
#pragma once

#include <embedloom/abi/sink.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

class Sink : public Stage {
  public:
    using KindBase = Sink;
    static constexpr el_kind kind = EL_KIND_SINK;

    /// [serial] Before the first batch.
    virtual void open(const el_run_facts& run) = 0;
    /// [serial] In order of steps. When it returns the batch is on disk, whole.
    virtual void write(const el_batch& batch) = 0;
    /// [serial] After the last batch of a run that came to its end.
    virtual void close() = 0;

    static const el_sink_functions functions;
};

namespace detail {
struct SinkCalls {
    static el_status open(void* instance, const el_run_facts* run, const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Sink>(instance).open(*run);
            return EL_OK;
        });
    }
    static el_status write(void* instance, const el_batch* batch, const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Sink>(instance).write(*batch);
            return EL_OK;
        });
    }
    static el_status close(void* instance, const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Sink>(instance).close();
            return EL_OK;
        });
    }
};
}  // namespace detail

inline constexpr el_sink_functions Sink::functions{sizeof(el_sink_functions), 0, &detail::SinkCalls::open,
                                                   &detail::SinkCalls::write, &detail::SinkCalls::close};

}  // namespace embedloom::sdk
