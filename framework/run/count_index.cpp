// Counting of whole epochs.
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

void CountIndex::prepare(std::uint64_t epoch) {
    if (find(epoch)) return;
    Rows rows(settings_.windows);
    std::atomic<std::uint64_t> next{0};
    const auto work = [&](std::uint32_t worker) {
        for (std::uint64_t window = next++; window < rows.size(); window = next++) rows[window] = count_(epoch, window, worker);
    };
    std::vector<std::future<void>> parts;
    for (std::uint32_t worker = 0; worker < settings_.threads; ++worker) parts.push_back(std::async(std::launch::async, work, worker));
    for (auto& part : parts) part.wait();
    for (auto& part : parts) part.get();
    keep(epoch, std::move(rows));
}

std::optional<std::uint64_t> CountIndex::rows(std::uint64_t epoch, std::uint64_t window) const {
    auto known = find(epoch);
    if (!known) {
        const std::lock_guard lock(counting_);
        known = find(epoch);
        if (!known) {
            Rows rows(settings_.windows);
            for (std::uint64_t i = 0; i < rows.size(); ++i) rows[i] = count_(epoch, i, settings_.threads);
            known = keep(epoch, std::move(rows));
        }
    }
    return (*known)[window];
}

}  // namespace embedloom::run
