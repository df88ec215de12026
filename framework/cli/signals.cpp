// Signal handlers that do nothing but cancel.
#include <embedloom/cli/signals.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace embedloom::cli {

namespace {

std::atomic<run::Session*> current{nullptr};
std::atomic<int> signals_seen{0};
static_assert(std::atomic<run::Session*>::is_always_lock_free);

void on_signal(int number) {
    if (signals_seen.fetch_add(1) > 0) ::_exit(128 + number);
    if (run::Session* session = current.load())
        session->cancel(number == SIGINT ? base::Code::interrupted : base::Code::terminated);
}

/// A signal that the caller has made us ignore (nohup, a shell's background job) stays ignored.
void install(void (*handler)(int)) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        ::sigaction(number, &action, nullptr);
    }
}

}  // namespace

SignalGuard::SignalGuard(run::Session& session) {
    current = &session;
    signals_seen = 0;
    install(&on_signal);
}

SignalGuard::~SignalGuard() {
    install(SIG_DFL);
    current = nullptr;
}

}  // namespace embedloom::cli
