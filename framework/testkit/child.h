// Runs a piece of code in a process of its own, with a time limit, and sees what became of it.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace embedloom::testkit {

/// How a child ended.
struct Ending {
    bool is_whole = false;  ///< it returned; then `answer` is what it returned
    std::string answer;
    std::string accident;   ///< "died of signal 11 (Segmentation fault)", "was still running after 60 s"
    std::string written;    ///< what it wrote to standard output and error
};

/// [main] Forks, runs `body` in the child, and waits at most `limit`. The child's standard streams are caught; at most the
/// first 64 KiB of each are kept.
Ending run_child(const std::function<std::string()>& body, std::chrono::seconds limit);

}  // namespace embedloom::testkit
