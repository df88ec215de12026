// Ctrl-C, SIGTERM and SIGHUP: the first stops the run after the batch in hand, the second at once.
#pragma once

#include <embedloom/run/session.h>

namespace embedloom::cli {

/// While it lives, SIGINT cancels the session (exit code 130), and so do SIGTERM and SIGHUP (143); a second one ends the process.
class SignalGuard {
  public:
    explicit SignalGuard(run::Session& session);
    ~SignalGuard();
    SignalGuard(const SignalGuard&) = delete;
    SignalGuard& operator=(const SignalGuard&) = delete;
};

}  // namespace embedloom::cli
