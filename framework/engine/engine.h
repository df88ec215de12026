// Runs the two functions of a pipeline, make a window and make a strip, and hands finished batches out in step order.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/step.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace embedloom::engine {

/// A window: number `window` of `epoch`, both from 0.
struct WindowId {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    auto operator<=>(const WindowId&) const = default;
};

/// What became of a window.
struct WindowMade {
    std::uint32_t rows = 0;            ///< 0 is no error: an empty window
    std::uint64_t bytes = 0;           ///< that its slot holds until it is recycled; counted against the budget
    std::optional<base::Error> error;  ///< ends the run at the step that needs this window; `rows` is then not looked at
};

/// Where a row of a batch is.
struct RowPlace {
    std::uint32_t window_slot = 0;
    std::uint32_t row = 0;  ///< of the window, from 0; the same as place.row
    loom::Place place;
};

/// One batch as places: this rank's share of a global batch. A rank of many may get a batch without rows.
struct StepPlan {
    std::uint64_t step = 0;      ///< number of the global batch, from 0
    std::vector<RowPlace> rows;  ///< in the batch's order; the slots are good until the batch's last strip is made
    std::uint32_t repeats = 0;   ///< how many of the last `rows` are repeats (loom::Tail::wrap)
    loom::State after;           ///< the stream's state once this batch is handed out
    bool last = false;           ///< true: no batch comes after it. False says nothing
};

/// What open_batch found.
struct BatchOpened {
    std::uint64_t bytes_per_row = 0;   ///< of the output: a strip has about Settings::strip_bytes of it
    std::optional<base::Error> error;  ///< ends the run at this step
};

/// Rows [first_row, first_row + row_count) of a batch.
struct StripTask {
    const StepPlan* plan = nullptr;
    std::uint32_t batch_slot = 0;
    std::uint32_t first_row = 0;
    std::uint32_t row_count = 0;
    std::uint32_t worker = 0;  ///< as in make_window
};

/// What the engine runs. Nothing here should throw: an exception that leaves is caught and ends the run at its
/// place, as Code::internal. Nothing here calls the engine, but for cancel(). `worker` is a number below
/// Settings::threads that no other body running at this time has: what picks the scratch memory. Slots are numbered
/// from 0: batch slots below Settings::batch_slots, window slots below budget / estimate, and beyond that only where
/// a window overdraws the budget.
class Work {
  public:
    virtual ~Work() = default;

    /// Makes all rows of a window into a slot. A pure function of `id`: where and when it runs changes nothing. [any-thread]
    virtual WindowMade make_window(WindowId id, std::uint32_t window_slot, std::uint32_t worker) = 0;

    /// No row of what this slot holds is needed any more. Comes once for each make_window, failed ones too. [serial]
    virtual void recycle_window(std::uint32_t window_slot) = 0;

    /// Fixes the batch's shape (S) and its memory, before its strips. `plan` is good until give_back. [serial]
    virtual BatchOpened open_batch(const StepPlan& plan, std::uint32_t batch_slot) = 0;

    /// Makes some rows of an opened batch. A batch without rows has no strip. [any-thread]
    virtual std::optional<base::Error> make_strip(const StripTask& task) = 0;
};

/// What bounds and starts a run.
struct Settings {
    loom::Shape shape;
    loom::State start;                    ///< loom::start(shape), or one that was handed out
    std::uint32_t threads = 1;            ///< bodies that run at the same time; the caller's thread is none of them
    std::uint32_t batch_slots = 3;        ///< 2 or more; with 3 making never waits for a caller who holds one
    std::uint64_t window_budget_bytes = 0;    ///< of all windows that are held; one estimate or more
    std::uint64_t window_estimate_bytes = 0;  ///< what a window is taken to need before it is made; 1 or more
    std::uint64_t strip_bytes = std::uint64_t{1} << 20;
    std::chrono::milliseconds stall_timeout{300'000};  ///< longest time a waiting caller sees nothing happen
    /// Rows of every window where they are known beforehand; must outlive the engine. Nothing: learned as windows are
    /// made, which only a world of one rank can do.
    const loom::RowCounts* counts = nullptr;
};

/// The next batch. The caller owns the slot until give_back.
struct Batch {
    const StepPlan* plan = nullptr;  ///< good until give_back
    std::uint32_t batch_slot = 0;
};

/// The iteration is over; every further next() says so again.
struct End {
    std::uint64_t rows_cut = 0;  ///< left out by loom::Tail::drop, over all ranks
    loom::State state;           ///< after the last batch
};

using Next = std::variant<Batch, End, base::Error>;

/// What has happened so far. Times are sums over workers.
struct Counters {
    std::uint64_t windows_made = 0;  ///< failed ones too
    std::uint64_t rows_made = 0;
    std::uint64_t strips_made = 0;
    std::uint64_t batches_out = 0;
    std::uint64_t rows_out = 0;            ///< repeats too
    std::uint64_t overdraws = 0;           ///< windows let in beyond the budget
    std::uint64_t window_bytes = 0;        ///< held now: made ones as told, others as estimated
    std::uint64_t window_bytes_peak = 0;
    std::uint32_t window_slots = 0;        ///< in use now
    std::uint32_t window_slots_peak = 0;   ///< slot numbers that were ever given
    std::uint32_t batch_slots = 0;         ///< not free: being made, ready, or with the caller
    std::uint32_t batches_ready = 0;       ///< made, not asked for yet
    std::chrono::nanoseconds window_time{0};
    std::chrono::nanoseconds strip_time{0};
    std::chrono::nanoseconds caller_waited{0};  ///< in next()
};

/// Makes batches ahead of the caller, as far as slots and bytes allow. Threads start at the first next().
/// The destructor stops everything and waits for bodies that run; it never runs strips or windows that have not begun.
class Engine {
  public:
    virtual ~Engine() = default;

    /// The next batch in step order, waiting for it without using the processor. [main]
    /// Errors: the first one in the order of the stream (step, lane, window), after every batch before it; the same at
    /// each further call. usage: the caller holds every batch slot, or this is a fork()ed child of the process in which the
    /// threads run; the engine goes on after a give_back. stalled: nothing has happened for Settings::stall_timeout while
    /// the caller waited. interrupted: after cancel().
    virtual Next next() = 0;

    /// Waits for next() to have something to say, at most so long, so that a caller can look after signals meanwhile. True: it
    /// has, and next() will not wait. Starts what next() starts. [main]
    virtual bool ready_within(std::chrono::milliseconds time) = 0;

    /// The caller is done with a batch: its slot may be filled again. [any-thread]
    /// Throws base::Failure (usage) where the caller does not hold this slot.
    virtual void give_back(std::uint32_t batch_slot) = 0;

    /// Ends the run: next() says `interrupted` at once, from now on. Does not wait for bodies that run. [any-thread]
    virtual void cancel() noexcept = 0;

    /// [any-thread]
    virtual Counters counters() const = 0;
};

/// Throw base::Failure (config) where the settings cannot be: see Settings, loom::check_shape, loom::check_state.
/// `work` must outlive the engine.
std::unique_ptr<Engine> make_graph_engine(const Settings& settings, Work& work);   ///< a oneTBB flow graph: what runs
std::unique_ptr<Engine> make_thread_engine(const Settings& settings, Work& work);  ///< std::thread: what TSan can see
std::unique_ptr<Engine> make_serial_engine(const Settings& settings, Work& work);  ///< in next(): oracle and debugger

}  // namespace embedloom::engine
