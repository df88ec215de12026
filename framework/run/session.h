// A Session: a checked config plus loaded plugins. Asks for batches, one after another, the same bytes every time.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/window_range.h>
#include <embedloom/run/embedding_tables.h>
#include <embedloom/run/layout.h>
#include <embedloom/run/progress.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace embedloom::config {
struct Document;
}

namespace embedloom::run {

using loom::WindowRange;
class LentRecords;

/// What the command line or a caller adds to a config.
struct OpenOptions {
    std::vector<std::string> sets;                      ///< "batch.size=8"
    std::vector<std::filesystem::path> plugin_folders;  ///< looked through before the config's own
    std::filesystem::path home;                         ///< has the folder plugins/; empty: the program's own folder
    std::optional<std::uint32_t> threads;
    std::optional<std::uint64_t> steps;
    std::optional<std::uint32_t> rank, world_size;      ///< else the launcher's, see run/rank.h
    std::string state;                                  ///< what state() gave: go on from there; empty: from the beginning
    std::string state_name = "state";                   ///< what messages call it
    std::string fingerprint;                            ///< of the run that this is a part of: another one is refused; empty: any
    bool accept_changed_data = false;                   ///< go on although the data is not what it was
    bool scan_tables = false;                           ///< look at every number of every table
    std::shared_ptr<const LentRecords> records;         ///< the source's data, where it is in memory already; held while the session is
    bool without_sink = false;                          ///< the config's sink is checked but not made (show, bench)
    bool without_quarantine = false;                    ///< bad records are counted, but their file stays as a run left it (show, bench)
    std::function<void(base::Severity, std::string_view)> log;  ///< [any-thread]; may be empty
};

/// A config that is no file.
struct ConfigText {
    std::string text;              ///< YAML
    std::string name;              ///< what messages call it
    std::filesystem::path folder;  ///< absolute: what its paths are relative to
};

/// Where a row came from.
struct Origin {
    std::string_view file;
    std::uint64_t byte = 0;    ///< in the file (unpacked)
    std::uint64_t record = 0;  ///< its id
    std::uint64_t epoch = 0;
    std::optional<std::uint64_t> row = {};  ///< of the table, from 0, where records are a table's
};

/// A record as the source gives it.
struct RecordText {
    std::uint64_t bytes = 0;  ///< in the file, its line end included
    struct Field {
        std::string name;
        std::variant<std::string, std::int64_t, double, std::vector<std::uint32_t>> value;
    };
    std::vector<Field> fields;
};

/// One batch, borrowed from the session until it is given back.
struct Batch {
    std::uint64_t step = 0;
    std::uint32_t rows = 0;
    std::uint32_t length = 0;              ///< S
    std::uint32_t repeats = 0;             ///< rows at its end that `tail: wrap` dealt again
    std::uint32_t slot = 0;
    PadSide pad_side = PadSide::right;
    std::span<const Tensor> tensors;       ///< in the order of batch.emit
    std::span<const std::uint32_t> row_lengths;
    std::span<const Origin> origins;

    const Tensor* find(std::string_view name) const;
};

/// What a session is made of, for people: `embedloom check` prints it.
struct Summary {
    std::vector<std::string> lines;  ///< "tokenizer/wordpiece 1.0.0: 30522 tokens"
    std::vector<base::Error> notes;  ///< what is allowed but worth a look
    std::string fingerprint;
};

/// Not for two threads, but for cancel().
class Session {
  public:
    /// Checks a config and makes its stages: every mistake of the config, of the plugins' parameters and of sizes that do not
    /// fit together comes in one base::Failure, before any work. Nothing is started.
    static std::unique_ptr<Session> open(const std::filesystem::path& config, OpenOptions options);
    static std::unique_ptr<Session> open(const ConfigText& config, OpenOptions options);
    ~Session();

    const Summary& summary() const;

    /// The next batch, or nullptr at the end. The first call opens the data and starts the engine. Throws base::Failure; then
    /// the session is at its end, and says so again; but for code `usage` (the caller holds every batch): it goes on after a give_back.
    /// Batches before the failure were all handed out.
    const Batch* next();
    /// Waits for next() to have something to say, at most so long; the first call opens the data. True: next() will not wait.
    bool ready_within(std::chrono::milliseconds time);
    /// [any-thread]
    void give_back(std::uint32_t slot);
    void give_back(const Batch& batch) { give_back(batch.slot); }

    std::uint32_t rank() const;
    std::uint32_t world_size() const;

    /// Where the stream stands after the last batch that next() gave, as a line of JSON: OpenOptions::state goes on from there, with any
    /// number of ranks or threads. At most 4 KiB for 64 lanes. Opens the data where next() has not.
    std::string state();
    /// One state of the states of all ranks after the same step. Throws base::Failure (config) that names what does not fit.
    static std::string merge_states(std::span<const std::string> states);
    /// Batches of the iteration, where that is known before it is made: ranks, or one row to a record and an index. Opens the data
    /// where next() has not.
    std::optional<std::uint64_t> length();
    /// Rows of the iteration's last batch, over all ranks, where length() is known. Ranks beyond that number get a batch without rows.
    std::optional<std::uint64_t> last_rows();
    /// Begins again: next() gives the batches of this one epoch; of the epoch of OpenOptions::state, before any batch, those after the
    /// state. Batches that the caller holds become invalid. [main]
    void begin_epoch(std::uint64_t epoch);

    /// Windows of every epoch. Opens the data where next() has not.
    std::uint64_t windows();
    /// Epochs of the iteration. Throws base::Failure (config) where its end is not that of an epoch: `run.epochs: endless`, and steps.
    std::uint64_t epochs() const;
    /// Begins again: next() gives the rows of these windows alone, in the order of windows, in batches of batch.size of which the last is
    /// short. Ranges that cut an epoch's windows have its rows, each once. A range may have no row. Not for ranks, states and steps, which
    /// are of the whole stream: throws base::Failure (usage), also for a range that is none. Otherwise as begin_epoch. [main]
    void begin_windows(const WindowRange& range);
    /// Rows of these windows, where that is known without making them (see length()).
    std::optional<std::uint64_t> rows(const WindowRange& range);

    /// Whether the config has a sink (and it was wanted).
    bool has_sink() const;
    /// Writes a batch to the config's sink and, after the last, its manifest. Without a sink both do nothing.
    void write(const Batch& batch);
    void finish_sink();

    /// Stops as soon as it can: next() then throws a Failure with `reason`. Async-signal-safe.
    void cancel(base::Code reason) noexcept;

    Progress progress() const;

    /// The record with this id, read anew: one read of the source. After the first next().
    RecordText record(std::uint64_t id) const;

    /// The tables of the config's embedding, copied. Throws base::Failure (config) where it has none.
    EmbeddingTables embedding() const;

    /// The literal texts of tokens, for people.
    std::vector<std::string> pieces(std::span<const std::uint32_t> ids) const;

  private:
    struct Parts;
    static std::unique_ptr<Session> open(config::Document& document, OpenOptions options);
    explicit Session(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace embedloom::run
