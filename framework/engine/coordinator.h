// Decides what is made next: which window, which batch, which strip. All of the engines' logic, without their threads.
#pragma once

#include <embedloom/engine/engine.h>
#include <embedloom/engine/window_order.h>
#include <embedloom/engine/window_shelf.h>
#include <embedloom/loom/row_counts.h>
#include <embedloom/loom/step.h>

#include <deque>
#include <map>
#include <utility>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace embedloom::engine {

struct WindowJob {
    WindowId id;
    std::uint32_t slot = 0;
};

struct OpenJob {
    const StepPlan* plan = nullptr;
    std::uint32_t batch_slot = 0;
};

/// What next() is to say at place `sequence` (dense, from 0): a batch, or without a slot the end of the stream.
struct Finished {
    std::uint64_t sequence = 0;
    std::optional<std::uint32_t> batch_slot;
};

/// An engine takes jobs, runs them, and reports what came of each; the answers may come in any order. It calls no stage,
/// knows no thread and no clock, and blocks nowhere: where nothing can be taken, something that runs must come back, or the
/// caller must give a batch slot back. One thread at a time.
///
/// Errors keep their place. The first one in the order of the stream is what the place of its batch becomes; all that comes
/// after it is not begun, or is finished without being made.
class Coordinator {
  public:
    /// Throws base::Failure (config).
    explicit Coordinator(const Settings& settings);

    // What can start now; each is given once. Recycling and opening are [serial], in the order they are given.
    std::optional<std::uint32_t> take_recycle() { return shelf_.take_recycle(); }
    std::optional<OpenJob> take_open();
    std::optional<StripTask> take_strip();
    std::optional<WindowJob> take_window();
    std::optional<Finished> take_finished();

    /// Whether a strip that was taken is still to be made; one that is not is reported without an error.
    bool is_wanted(const StripTask& task) const;

    // What has happened.
    void recycled(std::uint32_t window_slot);
    void opened(std::uint32_t batch_slot, BatchOpened opened);
    void strip_made(const StripTask& task, std::optional<base::Error> error);
    void window_made(std::uint32_t window_slot, WindowMade made);
    void given_back(std::uint32_t batch_slot);

    /// What the caller is told. Once for each Finished, in the order of their sequence.
    Next hand_out(const Finished& finished);

    /// Nothing new begins.
    void cancel();
    /// There is another batch, and the caller holds every slot.
    bool waits_for_caller() const;
    /// Nothing is being made and nothing is shelved: every slot is home, with the caller, or holds a finished batch.
    bool is_idle() const { return making_ == 0 && shelf_.in_use() == 0; }
    /// What is being made, for the message about a stall.
    std::string unfinished() const;
    /// Grows with each report.
    std::uint64_t events() const { return events_; }
    Counters counters() const;

  private:
    enum class Stand { free, making, finished, held };
    struct BatchSlot {
        StepPlan plan;
        std::vector<std::uint32_t> windows;  // the slots it holds, each once
        std::uint64_t sequence = 0;
        std::uint32_t strips_left = 0;
        std::optional<base::Error> error;
        std::uint32_t error_row = 0;
        Stand stand = Stand::free;
    };
    /// A step that waits for its windows or for a batch slot. plan.rows grows as windows are found.
    struct Dealt {
        loom::Step step;
        StepPlan plan;
    };
    using Terminal = std::variant<End, base::Error>;

    void advance();
    bool deal();
    bool drain();
    void plan_dealt();
    bool find_windows();
    std::optional<std::uint32_t> find_slot(const loom::Place& place);
    void ask_for(WindowId id);
    void let_go();
    void hold_windows(BatchSlot& batch);
    void spend_windows(const loom::Step& step);
    void shelve(std::uint32_t window_slot, const WindowMade& made);
    void cut_strips(std::uint32_t batch_slot, std::uint64_t bytes_per_row);
    void finish(std::uint32_t batch_slot);
    void note_failure(std::uint64_t sequence);
    void end_with(Terminal terminal);
    void close();
    void drop_unwanted();
    void count_down(std::uint32_t batch_slot);
    bool is_reached(std::uint64_t sequence) const { return !cancelled_ && sequence <= failed_sequence_; }
    std::optional<base::Error> miscounted(WindowId id, std::uint32_t rows) const;

    Settings settings_;
    loom::RowTable learned_;
    const loom::RowCounts* counts_;
    loom::Dealer dealer_;
    std::unique_ptr<WindowOrder> order_;
    WindowShelf shelf_;
    std::map<WindowId, base::Error> failed_windows_;

    std::optional<Dealt> dealt_;
    std::optional<WindowId> need_;  // what the next step waits for
    loom::State state_;             // after the last step that was let go
    std::vector<std::optional<std::pair<WindowId, std::uint32_t>>> lane_slots_;

    std::vector<BatchSlot> batches_;
    std::vector<std::uint32_t> free_batches_;
    std::uint32_t making_ = 0;  // batches
    std::uint32_t held_ = 0;    // batches that the caller has
    std::uint64_t next_sequence_ = 0;
    std::uint64_t failed_sequence_ = ~std::uint64_t{0};  // the lowest one known
    std::optional<Terminal> terminal_;
    bool cancelled_ = false;
    bool draining_ = false;  // no further step is dealt, and windows are made to be counted
    bool closed_ = false;    // no further step is let go

    std::deque<std::uint32_t> to_open_;
    std::deque<StripTask> strips_;
    std::deque<Finished> finished_;
    std::uint64_t events_ = 0;
    Counters counters_;
};

}  // namespace embedloom::engine
