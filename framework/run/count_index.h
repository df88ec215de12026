// How many rows each window makes, where ranks must know it before they make it.
#pragma once

#include <embedloom/loom/row_counts.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace embedloom::run {

/// Counts an epoch whole when it is first asked for: in parallel before the run, and with one worker of its own during it, for an
/// epoch that the run comes to. What was counted is kept in a file, for other runs and ranks. Memory: 8 bytes for each window of
/// three epochs.
class CountIndex final : public loom::RowCounts {
  public:
    /// Rows of a window. Throws base::Failure. A window that has none is counted anew where the file has it: whoever counts may
    /// want to see what is in there.
    using Count = std::function<std::uint64_t(std::uint64_t epoch, std::uint64_t window, std::uint32_t worker)>;
    struct Settings {
        std::uint64_t windows = 0;
        std::uint32_t threads = 1;          ///< workers 0 to threads - 1 count in prepare(), worker `threads` in rows()
        bool is_same_each_epoch = false;
        std::string path;  ///< of the files, each with its epoch behind; empty: nothing is kept
        std::function<bool()> is_cancelled = [] { return false; };  ///< ends waiting for another process that counts the same
        std::function<void(const std::string&)> log;
    };
    CountIndex(Settings settings, Count count);

    /// [main] before the run: counts an epoch on all threads.
    void prepare(std::uint64_t epoch);

    /// [any-thread] Throws what counting throws.
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override;

  private:
    using Rows = std::vector<std::uint64_t>;
    std::shared_ptr<const Rows> find(std::uint64_t epoch) const;
    std::shared_ptr<const Rows> keep(std::uint64_t epoch, Rows rows) const;
    std::string file_of(std::uint64_t epoch) const;
    using Counting = std::function<void(Rows&, bool is_from_file)>;
    std::shared_ptr<const Rows> load(std::uint64_t epoch, const Counting& count_missing) const;
    std::optional<Rows> read_file(std::uint64_t epoch) const;
    void write_file(std::uint64_t epoch, const Rows& rows) const;
    void say(const std::string& text) const;

    Settings settings_;
    Count count_;
    mutable std::mutex counting_;  // one counts, the others wait for it
    mutable std::mutex mutex_;     // guards epochs_
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<const Rows>>> epochs_;  // the one counted last at the end
};

}  // namespace embedloom::run
