// Counting of whole epochs.
#include <embedloom/run/cache_file.h>
#include <embedloom/run/count_file.h>
#include <embedloom/run/count_index.h>

#include <atomic>
#include <future>
#include <utility>

namespace embedloom::run {

namespace {
constexpr std::size_t kept_epochs = 3;
}

CountIndex::CountIndex(Settings settings, Count count) : settings_(settings), count_(std::move(count)) {}

std::shared_ptr<const CountIndex::Rows> CountIndex::find(std::uint64_t epoch) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, rows] : epochs_)
        if (known == epoch || settings_.is_same_each_epoch) return rows;
    return nullptr;
}

std::shared_ptr<const CountIndex::Rows> CountIndex::keep(std::uint64_t epoch, Rows rows) const {
    const std::lock_guard lock(mutex_);
    if (epochs_.size() == kept_epochs) epochs_.erase(epochs_.begin());
    return epochs_.emplace_back(epoch, std::make_shared<const Rows>(std::move(rows))).second;
}

std::string CountIndex::file_of(std::uint64_t epoch) const {
    return settings_.path + "-" + std::to_string(settings_.is_same_each_epoch ? 0 : epoch);
}

std::optional<CountIndex::Rows> CountIndex::read_file(std::uint64_t epoch) const try {
    return settings_.path.empty() ? std::nullopt : read_counts(file_of(epoch), settings_.windows);
} catch (const base::Failure& failure) {
    if (!is_of_cache(failure)) throw;
    return std::nullopt;  // that it cannot be kept either is told when it is counted
}

void CountIndex::write_file(std::uint64_t epoch, const Rows& rows) const try {
    if (!settings_.path.empty()) write_counts(file_of(epoch), rows);
} catch (const base::Failure& failure) {
    if (!is_of_cache(failure)) throw;
    say("the counts of epoch " + std::to_string(epoch) + " are not kept for other runs: " + base::one_line(failure.first()));
}

void CountIndex::say(const std::string& text) const {
    if (settings_.log) settings_.log(text);
}

/// An epoch from its file, or else counted and kept there. `count_missing` counts the windows that have 0 rows so far.
std::shared_ptr<const CountIndex::Rows> CountIndex::load(std::uint64_t epoch, const Counting& count_missing) const {
    std::optional<Rows> known = read_file(epoch);
    std::optional<CacheTurn> turn;
    if (!known && !settings_.path.empty()) {
        turn.emplace(file_of(epoch), settings_.is_cancelled);
        known = read_file(epoch);  // another rank may have counted meanwhile
    }
    Rows rows = known.value_or(Rows(settings_.windows));
    count_missing(rows, known.has_value());
    if (!known) write_file(epoch, rows);
    return keep(epoch, std::move(rows));
}

void CountIndex::prepare(std::uint64_t epoch) {
    if (find(epoch)) return;
    load(epoch, [&](Rows& rows, bool is_from_file) {
        say("ranks: " + std::string(is_from_file ? "an earlier run or rank has counted" : "counting") + " the rows of " +
            std::to_string(settings_.windows) + " windows");
        std::atomic<std::uint64_t> next{0};
        const auto work = [&](std::uint32_t worker) {
            for (std::uint64_t window = next++; window < rows.size(); window = next++)
                if (rows[window] == 0) rows[window] = count_(epoch, window, worker);
        };
        std::vector<std::future<void>> parts;
        for (std::uint32_t worker = 0; worker < settings_.threads; ++worker) parts.push_back(std::async(std::launch::async, work, worker));
        for (auto& part : parts) part.wait();
        for (auto& part : parts) part.get();
    });
}

std::optional<std::uint64_t> CountIndex::rows(std::uint64_t epoch, std::uint64_t window) const {
    auto known = find(epoch);
    if (!known) {
        const std::lock_guard lock(counting_);
        known = find(epoch);
        if (!known)
            known = load(epoch, [&](Rows& rows, bool) {
                for (std::uint64_t i = 0; i < rows.size(); ++i)
                    if (rows[i] == 0) rows[i] = count_(epoch, i, settings_.threads);
            });
    }
    return (*known)[window];
}

}  // namespace embedloom::run
