// A session that Python, its batches and their arrays share: any of them may be the last to go, on any thread.
#pragma once

#include <embedloom/python/fair_mutex.h>
#include <embedloom/run/session.h>
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

    std::uint32_t rank() const { return rank_; }
    std::uint32_t world_size() const { return world_size_; }

    /// Runs `body(session)` while nobody else uses the session; signals are heard while it waits for that. Throws base::Failure (usage)
    /// where it is closed; nanobind::python_error from a signal handler. [no-gil]
    template <class Body>
    auto use(Body body) {
        refuse_fork();
        const auto turn = wait_for_turn();
        return with_session(body);
    }

    /// use() of what takes long, such as counting: signals are heard meanwhile, and one that raises cancels the session. [no-gil]
    template <class Body>
    auto use_long(Body body) {
        mark_begun();
        std::optional<decltype(body(std::declval<run::Session&>()))> out;
        watch([&] {
            const std::lock_guard turn(use_);
            out = with_session(body);
            is_open_ = true;
        });
        return *std::move(out);
    }

    /// use() of what opens the data where that is not done. [no-gil]
    template <class Body>
    auto use_opened(Body body) {
        return is_open_ ? use(body) : use_long(body);
    }

    /// A string with this text that lives as long as this object. For the holder of `use`.
    std::string_view keep(std::string_view text);

  private:
    template <class Body>
    auto with_session(const Body& body) {
        const std::shared_lock alive(life_);
        if (!session_) throw base::Failure(closed());
        return body(*session_);
    }
    static base::Error closed();
    std::unique_lock<FairMutex> wait_for_turn();
    void watch(const std::function<void()>& work);
    void refuse_fork() const;
    void begin();
    void mark_begun();
    template <class Body>
    void begin_anew(Body body);
    void look_at_signals();
    std::pair<bool, std::shared_ptr<Lease>> poll();

    const std::uint32_t rank_, world_size_;
    FairMutex use_;                   // held by who uses the session, but for give_back and cancel
    std::shared_mutex life_;          // shared: the session stays; unique: it goes
    std::mutex there_;                // the session stays: for cancel, which waits for nothing else
    std::unique_ptr<run::Session> session_;
    std::uint64_t generation_ = 0;    // guarded by life_
    std::atomic<bool> closed_{false};
    std::atomic<bool> begun_{false};
    std::atomic<bool> is_open_{false};  // its data
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
