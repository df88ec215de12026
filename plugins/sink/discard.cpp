// Sink "discard": takes batches and keeps nothing, for measuring and for dry runs.
#include <embedloom/sdk/sink.h>

namespace {

namespace sdk = embedloom::sdk;

class Discard final : public sdk::Sink {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "discard", .version = "1.0.0", .summary = "Keeps nothing.", .concurrency = sdk::Concurrency::serial};
    static constexpr std::array<sdk::Parameter, 0> parameters{};

    Discard(const sdk::Values&, const sdk::Host&) {}
    void open(const el_run_facts&) override {}
    void write(const el_batch&) override {}
    void close() override {}
};

}  // namespace

EMBEDLOOM_PLUGIN(Discard)
