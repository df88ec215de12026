// What a run tells its user at the start: how its work is shared, how well it is mixed.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/row_counts.h>
#include <embedloom/loom/state.h>
#include <embedloom/run/rank.h>
#include <embedloom/run/record_order.h>

#include <cstdint>
#include <functional>
#include <string_view>

namespace embedloom::run {

using Log = std::function<void(base::Severity, std::string_view)>;

/// Of ranks: where they are from, lanes that two of them share.
void say_ranks(const Log& log, const RankChoice& rank, const loom::Shape& shape);

/// Of a last batch that has no row for some of the ranks, which most models do not take. Of an iteration that is `epoch` alone it is known;
/// the rows of later epochs need not be counted yet.
void say_last_batch(const Log& log, const loom::Shape& shape, const loom::RowCounts& counts, std::uint64_t epoch);

/// Of `shuffle: blocks`: its score beside a true shuffle.
void say_score(const Log& log, const RecordOrder& order, const loom::Shape& shape);

}  // namespace embedloom::run
