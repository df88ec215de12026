// Waiting without the GIL, closing while arrays live, and the refusal of forked children.
#include <embedloom/python/lease.h>
#include <embedloom/python/no_gil.h>
#include <embedloom/python/shared_session.h>
#include <nanobind/nanobind.h>
#include <unistd.h>

#include <chrono>
#include <future>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

/// How long a signal may go unnoticed: 20 looks a second cost nothing to speak of.
constexpr std::chrono::milliseconds between_looks{50};

/// The first process here whose engine threads ran. A child of its fork() cannot use the engine's library at all.
std::atomic<pid_t> first_process{0};

/// Runs Python's signal handlers. Throws what one of them raises. [no-gil]
void run_signal_handlers() {
    std::exception_ptr raised;
    {
        const nb::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) raised = std::make_exception_ptr(nb::python_error());
    }
    if (raised) std::rethrow_exception(raised);
}

base::Error forked() {
    return {.code = base::Code::usage,
            .found = "a process that was forked after Embedloom's threads had started",
            .expected = "the process that started them: a child of fork() has none of its parent's threads",
            .hint = "start children with spawn or forkserver (DataLoader: multiprocessing_context=\"spawn\"), or fork before the first batch"};
}

}  // namespace

SharedSession::SharedSession(std::unique_ptr<run::Session> session)
    : rank_(session->rank()), world_size_(session->world_size()), session_(std::move(session)) {}

SharedSession::~SharedSession() { close(); }

base::Error SharedSession::closed() {
    return {.code = base::Code::usage, .found = "a session that is closed", .expected = "an open one"};
}

void SharedSession::refuse_fork() const {
    const pid_t here = ::getpid(), session = begun_in_, first = first_process;
    if ((session && session != here) || (first && first != here)) throw base::Failure(forked());
}

std::unique_lock<FairMutex> SharedSession::wait_for_turn() {
    while (!use_.try_lock_for(between_looks)) run_signal_handlers();
    return {use_, std::adopt_lock};
}

/// From here on the session has threads, if only one that listens for a cancellation.
void SharedSession::mark_begun() {
    refuse_fork();
    begun_in_ = ::getpid();
}

/// On a thread of its own, as it may take long, and signals are for this thread to see.
void SharedSession::watch(const std::function<void()>& work) {
    auto done = std::async(std::launch::async, work);
    while (done.wait_for(between_looks) != std::future_status::ready) {
        try {
            look_at_signals();
        } catch (...) {
            done.wait();  // an error of what was cancelled says no more than the interrupt
            throw;
        }
    }
    done.get();
}

/// Opens the data and starts the engine.
void SharedSession::begin() {
    if (begun_.exchange(true)) return;
    mark_begun();
    pid_t none = 0;
    first_process.compare_exchange_strong(none, ::getpid());
    use_long([](run::Session& session) { return session.ready_within(std::chrono::milliseconds(0)); });
}

/// A signal handler that raises cancels the session.
void SharedSession::look_at_signals() {
    try {
        run_signal_handlers();
    } catch (...) {
        cancel();
        throw;
    }
}

/// Whether next() had something to say, and what.
std::pair<bool, std::shared_ptr<Lease>> SharedSession::poll() {
    return use([this](run::Session& session) -> std::pair<bool, std::shared_ptr<Lease>> {
        if (!session.ready_within(between_looks)) return {false, nullptr};
        const run::Batch* batch = session.next();
        return {true, batch ? std::make_shared<Lease>(shared_from_this(), *batch) : nullptr};
    });
}

std::shared_ptr<Lease> SharedSession::next() {
    if (closed_ || NoGil::is_the_end()) throw base::Failure(closed());
    const NoGil no_gil;
    begin();
    for (;;) {
        auto [said, lease] = poll();
        if (said) return std::move(lease);
        look_at_signals();
    }
}

void SharedSession::cancel() {
    const std::lock_guard there(there_);
    if (session_) session_->cancel(base::Code::interrupted);
}

void SharedSession::close() {
    if (begun_in_ && begun_in_ != ::getpid()) {
        // The threads are the parent's: there is nobody here to wait for, and their locks may never open.
        (void)session_.release();
        closed_ = true;
        return;
    }
    if (closed_.exchange(true)) return;
    cancel();
    const std::lock_guard one(use_);
    const std::unique_lock alone(life_);
    const std::lock_guard there(there_);
    session_.reset();
}

/// Where the beginning is refused, everything is as before.
template <class Body>
void SharedSession::begin_anew(Body body) {
    mark_begun();
    watch([&] {
        const std::lock_guard one(use_);
        const std::unique_lock alone(life_);
        if (!session_) throw base::Failure(closed());
        body(*session_);
        ++generation_;
        is_open_ = true;
    });
}

void SharedSession::begin_epoch(std::uint64_t epoch) {
    begin_anew([&](run::Session& session) { session.begin_epoch(epoch); });
}

void SharedSession::begin_windows(const run::WindowRange& range) {
    begin_anew([&](run::Session& session) { session.begin_windows(range); });
}

void SharedSession::give_back(std::uint32_t slot, std::uint64_t generation) noexcept {
    if (begun_in_ != ::getpid()) return;
    const std::shared_lock alive(life_);
    if (session_ && generation == generation_) session_->give_back(slot);
}

std::string_view SharedSession::keep(std::string_view text) {
    auto& kept = kept_[std::string(text)];
    if (!kept) kept = std::make_unique<const std::string>(text);
    return *kept;
}

void Log::add(base::Severity severity, std::string_view text) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(severity, text);
}

std::vector<std::pair<base::Severity, std::string>> Log::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
}

}  // namespace embedloom::python
