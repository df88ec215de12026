// Ctrl-C and SIGTERM: the first stops the run after the batch in hand, the second at once.
#pragma once

#include <embedloom/run/session.h>

namespace embedloom::cli {

/// While it lives, SIGINT and SIGTERM cancel the session (exit codes 130, 143); a second one ends the process.
class SignalGuard {
  public:
    explicit SignalGuard(run::Session& session);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
};

}  // namespace embedloom::cli
