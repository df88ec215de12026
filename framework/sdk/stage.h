// What every kind of stage shares: its declaration, its life, its scratch, and the functions of the contract that do the
// translating. Plugin authors read sdk/<kind>.h; this file is the glue below it.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/sdk/host.h>
#include <embedloom/sdk/parameters.h>
#include <embedloom/sdk/writer.h>

#include <array>
#include <memory>

namespace embedloom::sdk {

enum class Concurrency : std::uint32_t { serial = EL_SERIAL, pure = EL_PURE };

/// The words about a stage. `name` is what `use:` says: 1 to 64 of a to z, 0 to 9 and _, no digit first. `version` is major.minor.patch.
/// EMBEDLOOM_PLUGIN does not compile with others.
struct Declaration {
    std::string_view name;
    std::string_view version;
    std::string_view summary;
    std::string_view doc = {};
    Concurrency concurrency = Concurrency::pure;
};

/// A column that an objective makes.
constexpr el_column column(std::string_view name, el_dtype dtype, std::uint32_t axis, std::int64_t pad) {
    return {sizeof(el_column), dtype, axis, 0, {name.data(), name.size()}, {nullptr, 0}, pad};
}

/// Per-worker working memory. Derive from it when a stage wants some; what it keeps must never change a result.
struct Scratch {
    virtual ~Scratch() = default;
};

/// The base of all kinds' bases.
class Stage {
  public:
    virtual ~Stage() = default;
    /// [any-thread] Working memory for one worker, handed to the kind's calls; null where the stage wants none.
    virtual std::unique_ptr<Scratch> make_scratch() const { return nullptr; }
};

/// What an instance handle points to. Kind is the kind's base class.
template <class Kind>
struct Instance {
    Host host;
    std::unique_ptr<Kind> stage;
};

template <class Kind>
Kind& stage_of(void* instance) {
    return *static_cast<Instance<Kind>*>(instance)->stage;
}

namespace detail {

template <class T, std::size_t n>
constexpr std::array<el_parameter, n> rows_of(const std::array<T, n>& parameters) {
    std::array<el_parameter, n> rows{};
    for (std::size_t i = 0; i < n; ++i) rows[i] = parameters[i].row();
    return rows;
}

template <class T>
struct ParameterTable {
    static constexpr auto rows = rows_of(T::parameters);
};

template <class T>
constexpr const el_column* columns_of() {
    if constexpr (requires { T::columns; })
        return T::columns.data();
    else
        return nullptr;
}
template <class T>
constexpr std::uint32_t column_count_of() {
    if constexpr (requires { T::columns; })
        return static_cast<std::uint32_t>(T::columns.size());
    else
        return 0;
}

/// The contract's life functions for stage class T of kind base Kind (T::KindBase).
template <class T>
struct Life {
    using Kind = typename T::KindBase;

    static el_status create(const el_host* host, void** instance, const el_problems* problems) {
        return guarded(problems, [&](Problems&) {
            *instance = new Instance<Kind>{Host(host), nullptr};
            return EL_OK;
        });
    }
    static el_status configure(void* instance, const el_value* values, std::uint32_t, const el_problems* to) {
        return guarded(to, [&](Problems& problems) {
            auto& self = *static_cast<Instance<Kind>*>(instance);
            self.stage = std::make_unique<T>(Values(ParameterTable<T>::rows, values, problems), self.host);
            return problems.any() ? EL_BAD_CONFIG : EL_OK;
        });
    }
    static void destroy(void* instance) { delete static_cast<Instance<Kind>*>(instance); }
    static el_status scratch_create(void* instance, void** scratch) {
        return guarded(nullptr, [&](Problems&) {
            *scratch = stage_of<Kind>(instance).make_scratch().release();
            return EL_OK;
        });
    }
    static void scratch_destroy(void*, void* scratch) { delete static_cast<Scratch*>(scratch); }
};

}  // namespace detail

/// The contract's constant for stage class T: T::declaration, T::parameters, perhaps T::columns, a constructor
/// T(const sdk::Values&, const sdk::Host&) that throws sdk::Error, and the kind's virtual functions.
template <class T>
inline constexpr el_stage abi_stage{
    sizeof(el_stage),
    T::KindBase::kind,
    static_cast<std::uint32_t>(T::declaration.concurrency),
    static_cast<std::uint32_t>(T::parameters.size()),
    {T::declaration.name.data(), T::declaration.name.size()},
    {T::declaration.version.data(), T::declaration.version.size()},
    {T::declaration.summary.data(), T::declaration.summary.size()},
    {T::declaration.doc.data(), T::declaration.doc.size()},
    detail::ParameterTable<T>::rows.data(),
    detail::columns_of<T>(),
    detail::column_count_of<T>(),
    0,
    &detail::Life<T>::create,
    &detail::Life<T>::configure,
    &detail::Life<T>::destroy,
    &detail::Life<T>::scratch_create,
    &detail::Life<T>::scratch_destroy,
    &T::KindBase::functions};

}  // namespace embedloom::sdk
