// Threads of a library take no signals: those are for the threads of the program.
#pragma once

#include <csignal>
#include <initializer_list>

#include <pthread.h>

namespace embedloom::engine {

/// While it lives, this thread and the threads it starts do not take signals that come from outside; what a thread does to
/// itself (a bad access) still reaches it.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&all, own);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace embedloom::engine
