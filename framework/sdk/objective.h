// What an objective derives from.
#pragma once

#include <embedloom/abi/objective.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

/// Declares its columns as `static constexpr std::array columns{sdk::column("labels", EL_I64, EL_AXIS_TOKEN, -100)};`
class Objective : public Stage {
  public:
    using KindBase = Objective;
    static constexpr el_kind kind = EL_KIND_OBJECTIVE;

    /// [main] What it needs; `size` is filled for you.
    virtual el_objective_facts facts() const = 0;
    /// [any-thread] All ids of the call, changed or not, into column EL_APPLY_IDS, and every declared column.
    virtual void apply(const el_objective_call& call, const el_writer* out, Scratch* scratch) const = 0;

    static const el_objective_functions functions;
};

namespace detail {
struct ObjectiveCalls {
    static el_status facts(void* instance, el_objective_facts* out) {
        return guarded(nullptr, [&](Problems&) {
            el_objective_facts facts = stage_of<Objective>(instance).facts();
            facts.size = sizeof(el_objective_facts);
            std::memcpy(out, &facts, std::min<std::size_t>(out->size, sizeof facts));
            return EL_OK;
        });
    }
    static el_status apply(void* instance, void* scratch, const el_objective_call* call, const el_writer* out,
                           const el_problems* to) {
        return guarded(to, [&](Problems&) {
            stage_of<Objective>(instance).apply(*call, out, static_cast<Scratch*>(scratch));
            return EL_OK;
        });
    }
};
}  // namespace detail

inline constexpr el_objective_functions Objective::functions{
    sizeof(el_objective_functions), 0, &detail::ObjectiveCalls::facts, &detail::ObjectiveCalls::apply};

}  // namespace embedloom::sdk
