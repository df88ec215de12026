// What a positional encoding derives from.
#pragma once

#include <embedloom/abi/position.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

class Position : public Stage {
  public:
    using KindBase = Position;
    static constexpr el_kind kind = EL_KIND_POSITION;

    /// [main] Form, width, largest position; `size` is filled for you.
    virtual el_position_facts facts() const = 0;
    /// [main] The width of this pipeline, for a stage whose facts leave it open. Throws Error when it cannot be.
    virtual void configure_width(std::uint32_t) {}
    /// [any-thread] Vectors of position ids, all below max_positions, into out [ids.size(), width].
    virtual void encode(std::span<const std::int64_t> ids, std::uint32_t width, float* out) const = 0;

    static const el_position_functions functions;
};

namespace detail {
struct PositionCalls {
    static el_status facts(void* instance, el_position_facts* out) {
        return guarded(nullptr, [&](Problems&) {
            el_position_facts facts = stage_of<Position>(instance).facts();
            facts.size = sizeof(el_position_facts);
            std::memcpy(out, &facts, std::min<std::size_t>(out->size, sizeof facts));
            return EL_OK;
        });
    }
    static el_status configure_width(void* instance, std::uint32_t width, const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Position>(instance).configure_width(width);
            return EL_OK;
        });
    }
    static el_status encode(void* instance, const std::int64_t* ids, std::uint64_t count, std::uint32_t width, float* out,
                            const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Position>(instance).encode({ids, count}, width, out);
            return EL_OK;
        });
    }
};
}  // namespace detail

inline constexpr el_position_functions Position::functions{sizeof(el_position_functions), 0,
                                                           &detail::PositionCalls::facts,
                                                           &detail::PositionCalls::configure_width,
                                                           &detail::PositionCalls::encode};

}  // namespace embedloom::sdk
