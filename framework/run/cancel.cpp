// The pipe and its watcher.
#include <embedloom/engine/signals.h>
#include <embedloom/run/cancel.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
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
    const engine::SignalsBlocked blocked;  // they go to the caller's thread: the watcher takes none
    watcher_ = std::thread([this] {
        char byte = 0;
        while (byte != end) {
            const ssize_t got = ::read(read_end_.number(), &byte, 1);
            if (got == 1 && byte == wake) act_();
            if (got < 0 && errno != EINTR) return;
        }
    });
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
