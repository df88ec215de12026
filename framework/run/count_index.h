// How many rows each window makes, where ranks must know it before they make it.
#pragma once

#include <embedloom/loom/row_counts.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace embedloom::run {

/// Counts an epoch whole when it is first asked for: in parallel before the run, and with one worker of its own during it, for an
/// epoch that the run comes to. Memory: 8 bytes for each window of three epochs.
class CountIndex final : public loom::RowCounts {
  public:
    /// Rows of a window. Throws base::Failure.
    using Count = std::function<std::uint64_t(std::uint64_t epoch, std::uint64_t window, std::uint32_t worker)>;
    struct Settings {
        std::uint64_t windows = 0;
        std::uint32_t threads = 1;          ///< workers 0 to threads - 1 count in prepare(), worker `threads` in rows()
        bool is_same_each_epoch = false;
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

    Settings settings_;
    Count count_;
    mutable std::mutex counting_;  // one counts, the others wait for it
    mutable std::mutex mutex_;     // guards epochs_
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<const Rows>>> epochs_;  // the one counted last at the end
};

}  // namespace embedloom::run
