// fork, three pipes, poll with a deadline, kill.
#include <embedloom/testkit/child.h>

#include <embedloom/base/descriptor.h>
#include <embedloom/base/system_error.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>

namespace embedloom::testkit {

namespace {

using base::Descriptor;
constexpr std::size_t most_kept = 65536;

struct Pipe {
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) base::throw_errno(errno, "no pipe", "");
        reader = Descriptor(ends[0]);
        writer = Descriptor(ends[1]);
    }
    Descriptor reader;
    Descriptor writer;
};

void write_all(int file, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto written = ::write(file, text.data() + at, text.size() - at);
        if (written <= 0) return;
        at += static_cast<std::size_t>(written);
    }
}

/// The child's life: never returns. The answer starts with a mark, so that an empty one is told from none.
[[noreturn]] void live(const std::function<std::string()>& body, const Pipe& answer, const Pipe& written) {
    ::dup2(written.writer.number(), STDOUT_FILENO);
    ::dup2(written.writer.number(), STDERR_FILENO);
    try {
        const std::string text = body();
        std::fflush(nullptr);
        write_all(answer.writer.number(), "=" + text);
        ::_exit(0);
    } catch (const std::exception& error) {
        write_all(answer.writer.number(), std::string("=") + error.what());
        ::_exit(0);
    }
}

/// Reads both pipes until they are closed; false: the deadline passed.
bool read_both(const Pipe& answer, const Pipe& written, std::chrono::steady_clock::time_point deadline, Ending& ending) {
    std::array<pollfd, 2> files{{{answer.reader.number(), POLLIN, 0}, {written.reader.number(), POLLIN, 0}}};
    std::array<std::string*, 2> texts{&ending.answer, &ending.written};
    while (files[0].fd >= 0 || files[1].fd >= 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) return false;
        if (::poll(files.data(), files.size(), static_cast<int>(left)) < 0 && errno != EINTR) return false;
        for (std::size_t i = 0; i < files.size(); ++i) {
            if (files[i].fd < 0 || !files[i].revents) continue;
            std::array<char, 4096> buffer;
            const auto got = ::read(files[i].fd, buffer.data(), buffer.size());
            if (got <= 0)
                files[i].fd = -1;
            else if (texts[i]->size() < most_kept)
                texts[i]->append(buffer.data(), static_cast<std::size_t>(got));
        }
    }
    return true;
}

}  // namespace

Ending run_child(const std::function<std::string()>& body, std::chrono::seconds limit) {
    Pipe answer, written;
    std::fflush(nullptr);  // or the child would write our buffers again
    const pid_t child = ::fork();
    if (child < 0) base::throw_errno(errno, "a process that cannot be started", "");
    if (child == 0) live(body, answer, written);
    answer.writer = Descriptor();
    written.writer = Descriptor();
    Ending ending;
    const bool in_time = read_both(answer, written, std::chrono::steady_clock::now() + limit, ending);
    if (!in_time) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!in_time)
        ending.accident = "was still running after " + std::to_string(limit.count()) + " s";
    else if (WIFSIGNALED(status))
        ending.accident = "died of signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
    else if (WEXITSTATUS(status) != 0 || ending.answer.empty())
        ending.accident = "ended the process with exit code " + std::to_string(WEXITSTATUS(status));
    ending.is_whole = ending.accident.empty();
    ending.answer.erase(0, 1);
    return ending;
}

}  // namespace embedloom::testkit
