// Position "none": no vectors, only position ids (NoPE models, and models that add positions themselves).
#include <embedloom/sdk/position.h>

namespace {

namespace sdk = embedloom::sdk;

class None final : public sdk::Position {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "none", .version = "1.0.0", .summary = "Adds nothing: position ids only.",
        .doc = "For models without positions (NoPE) and for models that add them themselves."};
    static constexpr std::array<sdk::Parameter, 0> parameters{};

    None(const sdk::Values&, const sdk::Host&) {}

    el_position_facts facts() const override {
        return {.form = EL_POSITION_NOTHING, .width = 0, .max_positions = UINT64_MAX};
    }
    void encode(std::span<const std::int64_t>, std::uint32_t, float*) const override {}
};

}  // namespace

EMBEDLOOM_PLUGIN(None)
