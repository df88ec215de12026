// fork() waits for calls that are under way, so that a child finds no lock that nobody will open.
#pragma once

namespace embedloom::run {

/// Held for the time of a call. A fork() on another thread waits for its end, and calls that come meanwhile wait for the fork().
/// [any-thread]
class ForkGate {
  public:
    ForkGate();
    ~ForkGate();
    ForkGate(const ForkGate&) = delete;
    ForkGate& operator=(const ForkGate&) = delete;
};

}  // namespace embedloom::run
