// What is counted of the data, item by item, where ranks must know it before they make it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace embedloom::run {

/// A number for each item (a window, or a part of all windows). Counts all of them when they are first asked for: in parallel before the
/// run, and with one worker of its own during it, for an epoch that the run comes to. What was counted is kept in a file, for other runs
/// and ranks. Memory: 4 bytes for each item, of three epochs where these differ.
class CountIndex {
  public:
    using Numbers = std::vector<std::uint32_t>;
    /// The number of an item. Throws base::Failure.
    using Count = std::function<std::uint32_t(std::uint64_t epoch, std::uint64_t item, std::uint32_t worker)>;
    struct Settings {
        std::uint64_t items = 0;
        std::uint32_t threads = 1;          ///< workers 0 to threads - 1 count in prepare(), worker `threads` in numbers()
        bool is_same_each_epoch = false;
        std::string path;  ///< of the files, each with its epoch behind; empty: nothing is kept
        std::function<bool()> is_cancelled = [] { return false; };  ///< ends waiting for another process that counts the same
        std::function<void(const std::string&)> log;
    };
    CountIndex(Settings settings, Count count);

    /// [main] before the run: counts an epoch on all threads.
    void prepare(std::uint64_t epoch);

    /// [any-thread] Throws what counting throws.
    std::shared_ptr<const Numbers> numbers(std::uint64_t epoch) const;

  private:
    std::shared_ptr<const Numbers> find(std::uint64_t epoch) const;
    std::shared_ptr<const Numbers> keep(std::uint64_t epoch, Numbers numbers) const;
    std::string file_of(std::uint64_t epoch) const;
    std::shared_ptr<const Numbers> load(std::uint64_t epoch, const std::function<Numbers()>& count_all) const;
    std::optional<Numbers> read_file(std::uint64_t epoch) const;
    void write_file(std::uint64_t epoch, const Numbers& numbers) const;
    Numbers count_in_parallel(std::uint64_t epoch) const;
    void say(const std::string& text) const;

    Settings settings_;
    Count count_;
    mutable std::mutex counting_;  // one counts, the others wait for it
    mutable std::mutex mutex_;     // guards epochs_
    mutable std::vector<std::pair<std::uint64_t, std::shared_ptr<const Numbers>>> epochs_;  // the one counted last at the end
};

}  // namespace embedloom::run
