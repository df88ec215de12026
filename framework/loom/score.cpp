// Counting shards and averaging record numbers of sampled batches, over the exact expectations of a uniform
// shuffle.
#include <embedloom/loom/score.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

namespace embedloom::loom {

namespace {

/// Counts distinct numbers of one batch after the other. Open addressing; a stamp saves clearing.
class Distinct {
  public:
    explicit Distinct(std::size_t most) : slots_(std::bit_ceil(4 * most)) {}

    std::uint64_t count(std::span<const std::uint64_t> records, std::uint64_t shard) {
        ++stamp_;
        std::uint64_t distinct = 0;
        for (const std::uint64_t record : records) distinct += add(record / shard);
        return distinct;
    }

  private:
    struct Slot {
        std::uint64_t stamp = 0;
        std::uint64_t value = 0;
    };

    bool add(std::uint64_t value) {
        for (std::size_t at = value * 0x9E3779B97F4A7C15 >> 20;; ++at) {
            Slot& slot = slots_[at & (slots_.size() - 1)];
            if (slot.stamp == stamp_ && slot.value == value) return false;
            if (slot.stamp == stamp_) continue;
            slot = {.stamp = stamp_, .value = value};
            return true;
        }
    }

    std::vector<Slot> slots_;
    std::uint64_t stamp_ = 0;
};

/// The chance that none of a batch's records, drawn without replacement, is among the `shard` ones of a
/// shard.
double chance_of_none(const ScoreSample& sample, std::uint64_t shard) {
    double log_chance = 0;
    for (std::uint64_t i = 0; i < sample.batch; ++i) {
        if (sample.records - i <= shard) return 0;
        log_chance += std::log1p(-double(shard) / double(sample.records - i));
    }
    return std::exp(log_chance);
}

double ideal_shards(const ScoreSample& sample) {
    const std::uint64_t full = sample.records / sample.shard, rest = sample.records % sample.shard;
    const double of_rest = rest ? 1 - chance_of_none(sample, rest) : 0;
    return double(full) * (1 - chance_of_none(sample, sample.shard)) + of_rest;
}

/// Variance of the mean of a batch drawn without replacement from 0, ..., n - 1.
double ideal_variance(const ScoreSample& sample) {
    const double n = double(sample.records), batch = double(sample.batch);
    return (n * n - 1) / 12 / batch * (n - batch) / (n - 1);
}

/// Whole windows of a block order as records of one size, dealt by lanes.
class BlockBatches {
  public:
    BlockBatches(const BlockOrder& order, const BlockSample& sample)
        : order_(order),
          lanes_(sample.lanes),
          quota_(sample.batch / sample.lanes),
          per_block_(std::max<std::uint64_t>(sample.records / std::max<std::uint64_t>(order.blocks(), 1), 1)),
          per_window_(per_block_ * order.blocks_per_window()) {}

    std::uint64_t records() const { return per_block_ * order_.blocks(); }

    /// Batches that an epoch fills from all lanes.
    std::uint64_t count() const {
        const std::uint64_t windows_of_lane = order_.blocks() / order_.blocks_per_window() / lanes_;
        return windows_of_lane * per_window_ / quota_;
    }

    void fill(std::uint64_t number, std::span<std::uint64_t> out) const {
        for (std::uint64_t lane = 0; lane < lanes_; ++lane)
            fill_lane(lane, number * quota_, out.subspan(lane * quota_, quota_));
    }

  private:
    void fill_lane(std::uint64_t lane, std::uint64_t row, std::span<std::uint64_t> out) const {
        for (std::size_t at = 0; at < out.size();) {
            const std::uint64_t window = lane + row / per_window_ * lanes_;
            const std::vector<std::uint64_t> blocks = order_.block_numbers(0, window);
            const Permutation within = order_.within(0, window, per_window_);
            for (; at < out.size() && lane + row / per_window_ * lanes_ == window; ++at, ++row) {
                const std::uint64_t record = within.at(row % per_window_);
                out[at] = blocks[record / per_block_] * per_block_ + record % per_block_;
            }
        }
    }

    const BlockOrder& order_;
    std::uint64_t lanes_;
    std::uint64_t quota_;
    std::uint64_t per_block_;
    std::uint64_t per_window_;
};

}  // namespace

OrderScore score_order(const ScoreSample& sample, const FillBatch& fill) {
    std::vector<std::uint64_t> records(sample.batch);
    Distinct distinct(sample.batch);
    double shards = 0, squares = 0;
    const double middle = double(sample.records - 1) / 2;
    for (std::uint64_t number = 0; number < sample.batches; ++number) {
        fill(number, records);
        shards += double(distinct.count(records, sample.shard));
        double sum = 0;
        for (const std::uint64_t record : records) sum += double(record) - middle;
        squares += sum / sample.batch * (sum / sample.batch);
    }
    const double batches = double(sample.batches);
    return {.shards = shards / batches / ideal_shards(sample),
            .spread = std::sqrt(squares / batches / ideal_variance(sample))};
}

std::optional<OrderScore> score_blocks(const BlockOrder& order, const BlockSample& sample) {
    const BlockBatches all(order, sample);
    const std::uint64_t batches = std::min(sample.batches, all.count());
    if (batches == 0 || all.records() <= sample.batch) return std::nullopt;
    const std::uint64_t apart = all.count() / batches;
    const ScoreSample scored{.records = all.records(), .batch = sample.batch, .batches = batches};
    return score_order(scored, [&](std::uint64_t number, std::span<std::uint64_t> records) {
        all.fill(number * apart, records);
    });
}

}  // namespace embedloom::loom
