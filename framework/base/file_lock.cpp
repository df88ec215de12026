// flock(2): belongs to the open file, so that threads and forked children are told apart as they should.
#include <embedloom/base/file_lock.h>

#include <embedloom/base/system_error.h>

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <thread>

namespace embedloom::base {

FileLock::FileLock(const std::string& path)
    : path_(path), file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    if (!file_) throw_errno(errno, "a lock file that cannot be made", path);
}

bool FileLock::try_lock() {
    while (!is_held_ && ::flock(file_.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) throw_errno(errno, "a file that cannot be locked", path_);
    }
    return is_held_ = true;
}

bool FileLock::wait(const std::function<bool()>& is_cancelled) {
    while (!try_lock()) {
        if (is_cancelled()) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // flock has no wait that a signal-safe flag could end
    }
    return true;
}

}  // namespace embedloom::base
