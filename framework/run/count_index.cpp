// Counting of whole epochs, or of one for all.
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

CountIndex::CountIndex(Settings settings, Count count) : settings_(std::move(settings)), count_(std::move(count)) {}

std::shared_ptr<const CountIndex::Numbers> CountIndex::find(std::uint64_t epoch) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [known, numbers] : epochs_)
        if (known == epoch || settings_.is_same_each_epoch) return numbers;
    return nullptr;
}

std::shared_ptr<const CountIndex::Numbers> CountIndex::keep(std::uint64_t epoch, Numbers numbers) const {
    const std::lock_guard lock(mutex_);
    if (epochs_.size() == kept_epochs) epochs_.erase(epochs_.begin());
    return epochs_.emplace_back(epoch, std::make_shared<const Numbers>(std::move(numbers))).second;
}

std::string CountIndex::file_of(std::uint64_t epoch) const {
    return settings_.path + "-" + std::to_string(settings_.is_same_each_epoch ? 0 : epoch);
}

std::optional<CountIndex::Numbers> CountIndex::read_file(std::uint64_t epoch) const try {
    return settings_.path.empty() ? std::nullopt : read_counts(file_of(epoch), settings_.items);
} catch (const base::Failure& failure) {
    if (!is_of_cache(failure)) throw;
    return std::nullopt;  // that it cannot be kept either is told when it is counted
}

void CountIndex::write_file(std::uint64_t epoch, const Numbers& numbers) const try {
    if (!settings_.path.empty()) write_counts(file_of(epoch), numbers);
} catch (const base::Failure& failure) {
    if (!is_of_cache(failure)) throw;
    say("what was counted is not kept for other runs: " + base::one_line(failure.first()));
}

void CountIndex::say(const std::string& text) const {
    if (settings_.log) settings_.log(text);
}

/// From its file, or else counted and kept there.
std::shared_ptr<const CountIndex::Numbers> CountIndex::load(std::uint64_t epoch, const std::function<Numbers()>& count_all) const {
    std::optional<Numbers> known = read_file(epoch);
    std::optional<CacheTurn> turn;
    if (!known && !settings_.path.empty()) {
        turn.emplace(file_of(epoch), settings_.is_cancelled);
        known = read_file(epoch);  // another rank may have counted meanwhile
    }
    const std::string what = settings_.is_same_each_epoch ? "the rows of all epochs" : "the rows of epoch " + std::to_string(epoch);
    say("ranks: " + (known ? "an earlier run or rank has counted " : std::string("counting ")) + what);
    if (!known) write_file(epoch, known.emplace(count_all()));
    return keep(epoch, std::move(*known));
}

CountIndex::Numbers CountIndex::count_in_parallel(std::uint64_t epoch) const {
    Numbers numbers(settings_.items);
    std::atomic<std::uint64_t> next{0};
    const auto work = [&](std::uint32_t worker) {
        for (std::uint64_t item = next++; item < numbers.size(); item = next++) numbers[item] = count_(epoch, item, worker);
    };
    std::vector<std::future<void>> parts;
    for (std::uint32_t worker = 0; worker < settings_.threads; ++worker) parts.push_back(std::async(std::launch::async, work, worker));
    for (auto& part : parts) part.wait();
    for (auto& part : parts) part.get();
    return numbers;
}

void CountIndex::prepare(std::uint64_t epoch) {
    if (!find(epoch)) load(epoch, [&] { return count_in_parallel(epoch); });
}

std::shared_ptr<const CountIndex::Numbers> CountIndex::numbers(std::uint64_t epoch) const {
    if (auto known = find(epoch)) return known;
    const std::lock_guard lock(counting_);
    if (auto known = find(epoch)) return known;
    return load(epoch, [&] {
        Numbers numbers(settings_.items);
        for (std::uint64_t item = 0; item < numbers.size(); ++item) numbers[item] = count_(epoch, item, settings_.threads);
        return numbers;
    });
}

}  // namespace embedloom::run
