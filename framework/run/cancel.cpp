// The pipe and its watcher.
#include <embedloom/engine/signals.h>
#include <embedloom/run/cancel.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace embedloom::run {

namespace {

constexpr char wake = 'w', end = 'e';

void write_byte(int descriptor, char byte) noexcept {
    const int saved = errno;
    while (::write(descriptor, &byte, 1) < 0 && errno == EINTR) {
    }
    errno = saved;
}

}  // namespace

Cancel::Cancel(std::function<void()> act) : act_(std::move(act)) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw base::Failure({.code = base::Code::resources, .found = "no descriptor for a pipe", .hint = "see ulimit -n"});
    read_end_ = base::Descriptor(ends[0]);
    write_end_ = base::Descriptor(ends[1]);
    const engine::SignalsBlocked blocked;  // signals go to the caller's thread: the watcher takes none
    try {
        watcher_ = std::thread([this] {
            char byte = 0;
            while (byte != end) {
                const ssize_t got = ::read(read_end_.number(), &byte, 1);
                if (got == 1 && byte == wake) act_();
                if (got < 0 && errno != EINTR) return;
            }
        });
    } catch (const std::system_error& error) {
        throw base::Failure({.code = base::Code::resources, .found = "a thread that cannot be started",
                             .hint = "threads or memory may be short: see ulimit -u, ulimit -v", .cause = error.code().message()});
    }
}

Cancel::~Cancel() {
    write_byte(write_end_.number(), end);
    watcher_.join();
}

void Cancel::request(base::Code reason) noexcept {
    int none = 0;
    if (reason_.compare_exchange_strong(none, static_cast<int>(reason))) write_byte(write_end_.number(), wake);
}

}  // namespace embedloom::run
