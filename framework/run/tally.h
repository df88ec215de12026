// Keeps the ledger of a run: what was read, what became of it, in the stream's own order whatever the order of work.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/state.h>
#include <embedloom/loom/ledger.h>
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

/// [any-thread]
class Tally {
  public:
    using Keep = std::function<void(const BadRecord&)>;
    /// `keep` is called for each quarantined record, in the stream's order, by the thread that hands batches out.
    /// `epochs`: windows of later epochs are repeats (tail: wrap) and not counted as read.
    Tally(BadRecordRule rule, std::optional<std::uint64_t> epochs, Keep keep);

    /// A window was made; its bad records move here. Gives the error of a budget that is used up so thoroughly that the
    /// stream need not come to these windows to know it: nothing else ends data of which hardly a record is good.
    std::optional<base::Error> made(WindowRows& window, std::uint64_t text_bytes);
    /// A batch is handed out: `rows` of it, `repeats` of which are repeats, and the stream stands at `after`. Gives the error
    /// of a budget of bad records that is used up.
    std::optional<base::Error> handed_out(std::uint64_t rows, std::uint64_t repeats, const loom::State& after);
    /// The stream is at its end: of its epochs (then every window counts), or of its steps.
    enum class Ending { epochs, steps };
    std::optional<base::Error> ended(Ending ending, std::uint64_t rows_cut);

    loom::Ledger ledger() const;
    /// What was wrong with the first bad record of those seen, in the stream's order.
    std::optional<base::Error> first_bad() const;
    std::uint64_t text_bytes() const;
    std::uint64_t windows_reached() const;

  private:
    struct Window {
        std::uint64_t records;
        std::uint64_t bad;
        std::vector<BadRecord> kept;  // the bad ones, where they go into a file
    };
    using Id = std::pair<std::uint64_t, std::uint64_t>;  // epoch, window
    struct First {
        Id window;
        base::Error error;
    };
    void reach(std::map<Id, Window>::iterator window);
    struct Counts {
        std::uint64_t records = 0;
        std::uint64_t bad = 0;
    };
    std::optional<base::Error> over_budget(Counts counts) const;

    BadRecordRule rule_;
    std::optional<std::uint64_t> epochs_;
    Keep keep_;
    mutable std::mutex mutex_;
    loom::Ledger ledger_;
    std::uint64_t text_bytes_ = 0;
    std::map<Id, Window> waiting_;       // made, no row handed out yet
    std::uint64_t windows_reached_ = 0;
    Counts reached_;  // of windows that the stream has reached, in its order: the same for any number of threads
    Counts waited_;   // of windows in waiting_
    std::optional<First> first_bad_;
};

}  // namespace embedloom::run
