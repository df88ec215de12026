// What the lying plugins share: a stage with one parameter, the lie to tell, and the contract's functions written by hand,
// because the SDK would not let most lies through.
#pragma once

#include <embedloom/sdk/stage.h>
#include <embedloom/sdk/plugin.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

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
        if (lie == "exits") ::_exit(0);
        if (lie == "changes the folder" && ::chdir("/") == 0) return;
        if (lie == "keeps a file open" && ::open("/dev/null", O_RDONLY) >= 0) return;
        if (lie == "starts a thread") std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
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

/// Whether the host refused memory in this thread's call.
inline thread_local bool is_full = false;

/// Appends one value to a column.
template <class T>
void put(const el_writer* out, std::uint32_t column, const T& value) {
    void* at = out->reserve(out->host, column, sizeof value);
    if (!at) {
        is_full = true;
        return;
    }
    std::memcpy(at, &value, sizeof value);
    out->commit(out->host, column, sizeof value);
}

}  // namespace liar
