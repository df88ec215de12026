// Keeps the ledger of a run: what was read, what became of it, in the stream's own order whatever the order of work.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/engine/engine.h>
#include <embedloom/loom/ledger.h>
#include <embedloom/loom/row_counts.h>
#include <embedloom/run/window_rows.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace embedloom::run {

/// What happens to a record that is bad.
enum class BadRecords { fail, skip, quarantine };

struct BadRecordRule {
    BadRecords policy = BadRecords::fail;
    double at_most = 1.0;  ///< share of the records read; checked from 1,000 records on and at the end
};

/// A window is counted when the stream takes its first row, by the rank that takes it; one that makes no row, when the stream has
/// passed it. So the ledger is a function of the stream's state, whatever was made ahead. [any-thread]
class Tally {
  public:
    using Keep = std::function<void(const BadRecord&)>;
    struct Start {
        BadRecordRule rule;
        loom::Shape shape;   ///< windows of epochs behind its last are repeats (tail: wrap) and not counted
        loom::State state;   ///< where the stream begins: windows it has begun are in `ledger` already
        loom::Ledger ledger;
        const loom::RowCounts* counts = nullptr;  ///< where there are ranks
        bool has_other_data = false;  ///< than before `state`: rows left of windows that were begun are not in `ledger`
    };
    /// `keep` is called for each quarantined record, in the stream's order, by the thread that hands batches out.
    Tally(Start start, Keep keep);

    /// A window was made; its bad records move here (the rest of it stays). Gives the error of a budget that is used up so thoroughly that the
    /// stream need not come to these windows to know it: nothing else ends data of which hardly a record is good.
    std::optional<base::Error> made(WindowRows&& window, std::uint64_t text_bytes);
    /// A batch is handed out. Gives the error of a budget of bad records that is used up.
    std::optional<base::Error> handed_out(const engine::StepPlan& plan);
    /// The stream is at its end: of its epochs or of a part of one (then every window counts), or of its steps. Of a part the budget is
    /// judged only by many records: a few bad ones side by side say nothing of the whole.
    enum class Ending { epochs, part, steps };
    std::optional<base::Error> ended(Ending ending, std::uint64_t rows_cut);

    loom::Ledger ledger() const;
    /// [main] The ledger for a checkpoint: windows that are begun and not ended are rank 0's, so that whoever goes on knows whose they are.
    loom::Ledger ledger_to_keep() const;
    /// What was wrong with the first bad record of those seen, in the stream's order.
    std::optional<base::Error> first_bad() const;
    std::uint64_t text_bytes() const;
    std::uint64_t windows_reached() const;

  private:
    struct Window {
        std::uint64_t records = 0;
        std::uint64_t rows = 0;
        std::uint64_t bad = 0;
        std::vector<BadRecord> kept;  // the bad ones, where they go into a file
    };
    using Id = std::pair<std::uint64_t, std::uint64_t>;  // epoch, window
    struct First {
        Id window;
        base::Error error;
    };
    struct Counts {
        std::uint64_t records = 0;
        std::uint64_t bad = 0;
    };
    /// A window of ours that is begun and not ended.
    struct Open {
        std::uint64_t rows = 0;
        std::uint64_t gone = 0;  ///< rows that this rank or others have emitted
        std::uint64_t mine = 0;  ///< rows of the batch at hand that are ours
    };
    std::map<Id, Window>::iterator reach(std::map<Id, Window>::iterator window);
    void reach_begun(const engine::StepPlan& plan);
    enum class Which { all, barren };
    void reach_passed(const loom::State& after, Which which);
    void emit(const engine::StepPlan& plan);
    void read_rest(const WindowRows& window);
    void read_rest(std::uint64_t rows, const loom::Cursor& cursor);
    void settle_open(const loom::State& after);
    std::uint64_t pending_everywhere() const;
    std::optional<base::Error> over_budget(Counts counts) const;
    bool has_ranks() const { return start_.shape.world > 1; }

    Start start_;
    Keep keep_;
    mutable std::mutex mutex_;
    loom::Ledger ledger_;
    loom::State state_;
    std::uint64_t text_bytes_ = 0;
    std::map<Id, Window> waiting_;       // made, no row handed out yet
    std::map<Id, Open> open_;            // only where there are ranks
    std::uint64_t windows_reached_ = 0;
    Counts reached_;  // of windows that the stream has reached, in its order: the same for any number of threads
    Counts waited_;   // of windows in waiting_
    std::optional<First> first_bad_;
};

}  // namespace embedloom::run
