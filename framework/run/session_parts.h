// What a session is made of, from its checked config to the engine that runs.
#pragma once

#include <embedloom/config/config.h>
#include <embedloom/loom/seek.h>
#include <embedloom/run/assemblers.h>
#include <embedloom/run/cancel.h>
#include <embedloom/run/lent_records.h>
#include <embedloom/run/quarantine.h>
#include <embedloom/run/rank.h>
#include <embedloom/run/run_plan.h>
#include <embedloom/run/session.h>
#include <embedloom/run/sink_writer.h>
#include <embedloom/run/window_counts.h>
#include <embedloom/run/work.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

namespace embedloom::run {

/// Members are destroyed last to first: the engine stops before what it runs goes.
struct Session::Parts {
    OpenOptions options;
    config::Spec spec;
    std::unique_ptr<host::Registry> registry;
    Stages stages;
    RankChoice rank;
    RunPlan run;
    BatchPlan plan;
    Summary summary;

    StageClock clock;
    std::optional<Quarantine> quarantine;
    std::optional<embed::Assembler> embeddings, words;
    std::optional<RecordOrder> order;
    std::optional<WindowMaker> windows;
    std::optional<loom::EvenRows> even_counts;  // rows of windows where they are known, which ranks need:
    std::optional<WindowCounts> counted;        // one or the other
    std::vector<WindowRows> barren;  // windows of nothing but bad records, which no rank makes: the first tells the tally, once it is there
    std::optional<Tally> tally;
    std::optional<StripMaker> strips;
    std::optional<PipelineWork> work;
    std::optional<SinkWriter> sink;
    engine::Settings settings;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<Cancel> cancel;
    // What other threads and signal handlers see of the two above, which begin only with the first batch.
    std::mutex running_mutex;
    engine::Engine* running = nullptr;  // for the watcher of `cancel`
    std::atomic<Cancel*> listening{nullptr};
    std::atomic<int> asked_to_stop{0};  // a base::Code, also before anybody listens

    std::optional<base::Error> damage;  // of the first data file of which only a part could be read
    std::uint64_t batches = 0, rows = 0, tokens = 0, padded_tokens = 0;
    std::chrono::nanoseconds waited{0};
    bool ended = false;
    std::optional<base::Failure> failure;    // what ended it, for everybody who asks
    std::optional<std::uint64_t> one_epoch;  // begin_epoch() was called
    std::optional<WindowRange> range;        // begin_windows() was called last
    loom::Shape whole;                       // of the iteration that the config describes
    std::optional<loom::Ledger> resumed;     // there is a state whose batches nobody has asked for yet
    bool has_other_data = false;             // than that state
    loom::State state;  // after the last batch that was handed out

    void check(const config::Document& document);
    void start();
    void start_or_stop();
    void open_data();
    void count_rows();
    const loom::RowCounts* counts() const;
    std::optional<loom::Extent> extent() const;  ///< of the iteration, where counts are known
    std::string path_of_counts() const;
    void tell_barren(std::uint64_t epoch, std::uint64_t window);
    loom::Ledger go_on();
    loom::Ledger aim_at(std::uint64_t epoch);
    void show_engine(engine::Engine* shown);
    void end_engine();
    void check_ranges() const;
    void open_quarantine(const loom::Ledger& ledger);
    void begin(const loom::Ledger& ledger);
    BatchLayout layout();
    const Batch* take(const engine::Batch& batch);
    void end(const engine::End& end);
    void explain(base::Error& error) const;
    [[noreturn]] void stop(base::Error error);
};

}  // namespace embedloom::run
