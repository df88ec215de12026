// A session that Python, its batches and their arrays share: any of them may be the last to go, on any thread.
#pragma once

#include <embedloom/run/session.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace embedloom::python {

class Lease;

/// Calls may come from any thread; those that wait let go of the GIL. What is said to be [no-gil] must not be called with it.
class SharedSession : public std::enable_shared_from_this<SharedSession> {
  public:
    explicit SharedSession(std::unique_ptr<run::Session> session);
    ~SharedSession();
    SharedSession(const SharedSession&) = delete;
    SharedSession& operator=(const SharedSession&) = delete;

    /// The next batch, null at the end. Looks after signals while it waits: one that raises cancels the session. Throws
    /// base::Failure; nanobind::python_error from a signal handler. With the GIL, which it lets go of.
    std::shared_ptr<Lease> next();

    /// Stops the threads and frees what no array holds. Harmless when it is closed. [no-gil]
    void close();
    bool is_closed() const { return closed_; }
    /// The wait for a batch ends with an error. [any-thread]
    void cancel();

    /// next() gives one epoch, or the rows of some windows, from now on. Leases of batches before hold no slot any more, and keep their
    /// memory. [no-gil]
    void begin_epoch(std::uint64_t epoch);
    void begin_windows(const run::WindowRange& range);
    /// Counts these beginnings: slots of another generation are nobody's. For the holder of `use`.
    std::uint64_t generation() const { return generation_; }

    /// A batch's slot is free. Never throws; does nothing once the session is closed. [any-thread]
    void give_back(std::uint32_t slot, std::uint64_t generation) noexcept;

    /// Waits until no thread is in next() of any session, at most so long. At the interpreter's end, once all are closed: a thread
    /// that came back later would find no GIL to take, and Python then ends it in the middle of C++. [no-gil]
    static void wait_for_threads(std::chrono::milliseconds time);

    /// Runs `body(session)` while nobody else uses the session. Throws base::Failure (usage) where it is closed. [no-gil]
    template <class Body>
    auto use(Body body) {
        refuse_fork();
        const std::lock_guard one(use_);
        const std::shared_lock alive(life_);
        if (!session_) throw base::Failure(closed());
        return body(*session_);
    }

    /// A string with this text that lives as long as this object. For the holder of `use`.
    std::string_view keep(std::string_view text);

  private:
    static base::Error closed();
    void refuse_fork() const;
    void begin();
    void mark_begun();
    template <class Body>
    void begin_anew(Body body);
    void look_at_signals();
    std::pair<bool, std::shared_ptr<Lease>> poll();

    std::mutex use_;                  // held by who uses the session, but for give_back and cancel
    std::shared_mutex life_;          // shared: the session stays; unique: it goes
    std::unique_ptr<run::Session> session_;
    std::uint64_t generation_ = 0;    // guarded by life_
    std::atomic<bool> closed_{false};
    std::atomic<bool> begun_{false};
    std::atomic<pid_t> begun_in_{0};  // the process whose threads run
    std::unordered_map<std::string, std::unique_ptr<const std::string>> kept_;
};

/// Lines for Python's logging, said on threads that must not wait for the GIL.
class Log {
  public:
    void add(base::Severity severity, std::string_view text);
    std::vector<std::pair<base::Severity, std::string>> take();

  private:
    std::mutex mutex_;
    std::vector<std::pair<base::Severity, std::string>> lines_;
};

}  // namespace embedloom::python
