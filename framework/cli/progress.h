// The live line of a run: redrawn on a terminal, plain lines elsewhere, or nothing.
#pragma once

#include <embedloom/run/session.h>

#include <chrono>
#include <string>

namespace embedloom::cli {

/// Draws to stderr at most ten times a second on a terminal, every ten seconds elsewhere.
class ProgressLine {
  public:
    enum class Mode { live, plain, none };
    /// `word`: auto, plain or none. auto is live on a terminal, else plain. Throws base::Failure (usage) for other words.
    static Mode mode_of(const std::string& word);

    explicit ProgressLine(Mode mode) : mode_(mode) {}
    void update(const run::Session& session);
    /// Clears a live line, so that what follows starts clean.
    void end();
    double seconds() const;

  private:
    using Clock = std::chrono::steady_clock;
    Mode mode_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point drawn_{};
    bool live_ = false;
};

}  // namespace embedloom::cli
