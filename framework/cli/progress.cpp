// Drawing of the progress line.
#include <embedloom/cli/progress.h>
#include <embedloom/cli/report.h>
#include <embedloom/cli/text_width.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>

namespace embedloom::cli {

namespace {

std::size_t terminal_columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

}  // namespace

ProgressLine::Mode ProgressLine::mode_of(const std::string& word) {
    if (word == "none") return Mode::none;
    if (word == "plain") return Mode::plain;
    if (word != "auto")
        throw base::Failure({.code = base::Code::usage, .found = "--progress " + word, .expected = "auto, plain or none"});
    return ::isatty(STDERR_FILENO) ? Mode::live : Mode::plain;
}

double ProgressLine::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void ProgressLine::update(const run::Session& session) {
    if (mode_ == Mode::none) return;
    const auto pause = mode_ == Mode::live ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    const Clock::time_point now = Clock::now();
    if (now - (drawn_ == Clock::time_point{} ? start_ : drawn_) < pause) return;
    drawn_ = now;
    const std::string line = progress_line(session.progress(), seconds());
    if (mode_ == Mode::live)
        std::cerr << "\r\x1b[2K" << cut_to(line, terminal_columns() - 1) << std::flush;
    else
        std::cerr << line << std::endl;
    live_ = mode_ == Mode::live;
}

void ProgressLine::end() {
    if (live_) std::cerr << "\r\x1b[2K" << std::flush;
    live_ = false;
}

}  // namespace embedloom::cli
