// The sentences.
#include <embedloom/loom/ranks.h>
#include <embedloom/loom/seek.h>
#include <embedloom/run/advice.h>

#include <cstdio>
#include <string>

namespace embedloom::run {

void say_ranks(const Log& log, const RankChoice& rank, const loom::Shape& shape) {
    if (!log || rank.world == 1) return;
    log(base::Severity::note, rank.why);
    if (rank.rank != 0) return;
    const loom::SharedLanes shared = loom::shared_lanes(shape);
    if (shared.extra > 0.1 && shared.better)
        log(base::Severity::warning, "ranks share lanes, so that windows are made by more than one of them; run.lanes: " +
                                         std::to_string(shared.better) + " would spare that (and give other batches)");
}

void say_last_batch(const Log& log, const loom::Shape& shape, const loom::RowCounts& counts, std::uint64_t epoch) try {
    if (!log || shape.rank != 0 || shape.tail != loom::Tail::short_batch || !shape.epochs) return;
    if (*shape.epochs > epoch + 1) {
        if (!shape.steps)
            log(base::Severity::note, "the last batch may be short and leave ranks without rows; batch.tail: drop or wrap gives all the same");
        return;
    }
    const auto all = loom::extent(shape, counts, epoch);
    if (!all || all->last_rows >= shape.world) return;
    log(base::Severity::warning, "the last batch, of step " + std::to_string(all->steps - 1) + ", has " + std::to_string(all->last_rows) +
                                     (all->last_rows == 1 ? " row" : " rows") + " for " + std::to_string(shape.world) +
                                     " ranks: some get a batch without rows; batch.tail: drop or wrap gives all of them some");
} catch (const base::Failure&) {
    // What is wrong with the epochs is the engine's to say, when it comes to them.
}

void say_score(const Log& log, const RecordOrder& order, const loom::Shape& shape) {
    if (!log) return;
    const auto score = order.score(shape.lanes, shape.batch);
    if (!score) return;
    char text[160];
    std::snprintf(text, sizeof text,
                  "shuffle: blocks: a batch has %.2f of the distinct shards of a true shuffle, batch means spread %.2f times as far",
                  score->shards, score->spread);
    log(base::Severity::note, text);
}

}  // namespace embedloom::run
