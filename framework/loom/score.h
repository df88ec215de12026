// How well an order mixes, beside a true uniform shuffle: two figures, 1 is ideal.
#pragma once

#include <embedloom/loom/order.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace embedloom::loom {

/// Beside a uniform shuffle of all records.
struct OrderScore {
    /// Distinct shards in a batch: below 1 where batches come from few places.
    double shards = 0;
    /// Standard deviation of a batch's mean record number: above 1 where batches differ from each other,
    /// below where they are more alike than chance.
    double spread = 0;
};

/// What is looked at.
struct ScoreSample {
    std::uint64_t records = 0;  ///< of the data set; more than a batch
    std::uint64_t shard = 8192; ///< records that lie together
    std::uint32_t batch = 1024; ///< records of a batch
    std::uint64_t batches = 0;  ///< how many to look at; the figures are good to about 1 / sqrt(2 batches)
};

/// Which records are in the `number`-th batch that is looked at.
using FillBatch = std::function<void(std::uint64_t number, std::span<std::uint64_t> records)>;

/// [any-thread]
OrderScore score_order(const ScoreSample& sample, const FillBatch& fill);

/// What a block order's score depends on.
struct BlockSample {
    std::uint64_t records = 0;  ///< of the data set, a guess is enough: records are taken to be of one size
    std::uint32_t lanes = 1;
    std::uint32_t batch = 1024;
    std::uint64_t batches = 2000;
};

/// The score of `order` with the batches that lanes make of it in epoch 0, shards of 8192 records. Nothing
/// where the data are too small for one batch from all lanes. [any-thread]
std::optional<OrderScore> score_blocks(const BlockOrder& order, const BlockSample& sample);

}  // namespace embedloom::loom
