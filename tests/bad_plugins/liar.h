// What the lying plugins share: a stage with one parameter, the lie to tell, and the contract's functions written by hand,
// because the SDK would not let most lies through.
#pragma once

#include <embedloom/sdk/stage.h>
#include <embedloom/sdk/plugin.h>

#include <string>

namespace liar {

namespace sdk = embedloom::sdk;

/// Base of a kind's liar: `Kind` gives `kind` and `functions`.
template <class Kind>
class Liar : public sdk::Stage {
  public:
    using KindBase = Kind;
    static constexpr std::array parameters{sdk::text("lie").otherwise("none").doc("Which lie to tell.")};

    Liar(const sdk::Values& values, const sdk::Host& host) : lie(values.text("lie")), host_(host) {
        if (lie == "refuse") values.refuse("lie", {.found = "this lie", .expected = "another"});
        if (lie == "throw") throw std::string("no exception of ours");
    }
    bool tells(std::string_view what) const { return lie == what; }
    const sdk::Host& host() const { return host_; }

    const std::string lie;

  private:
    sdk::Host host_;
};

template <class Kind>
const Kind& self(void* instance) {
    return sdk::stage_of<Kind>(instance);
}

/// Appends one value to a column.
template <class T>
void put(const el_writer* out, std::uint32_t column, const T& value) {
    void* at = out->reserve(out->host, column, sizeof value);
    if (!at) return;
    std::memcpy(at, &value, sizeof value);
    out->commit(out->host, column, sizeof value);
}

}  // namespace liar
