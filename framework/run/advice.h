// What a run tells its user at the start: how its work is shared, how well it is mixed.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/state.h>
#include <embedloom/run/rank.h>
#include <embedloom/run/record_order.h>

#include <functional>
#include <string_view>

namespace embedloom::run {

using Log = std::function<void(base::Severity, std::string_view)>;

/// Of ranks: where they are from, lanes that two of them share, a last batch that may leave one without rows.
void say_ranks(const Log& log, const RankChoice& rank, const loom::Shape& shape);

/// Of `shuffle: blocks`: its score beside a true shuffle.
void say_score(const Log& log, const RecordOrder& order, const loom::Shape& shape);

}  // namespace embedloom::run
