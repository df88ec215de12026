// The checks of each kind, and what they share.
#pragma once

#include <embedloom/host/columns.h>
#include <embedloom/testkit/workshop.h>

#include <functional>
#include <string>
#include <vector>

namespace embedloom::testkit {

/// A claim and how to see whether it holds: throws Unmet or Skipped.
struct Check {
    std::string claim;
    std::function<void(Workshop&)> body;
};
using Checks = std::vector<Check>;

/// Of every stage: parameters, files, the process around it.
Checks stage_checks(const host::StageName& stage);
Checks source_checks(const host::StageName& stage);
Checks tokenizer_checks(const host::StageName& stage);
Checks segment_checks(const host::StageName& stage);
Checks objective_checks(const host::StageName& stage);
Checks position_checks(const host::StageName& stage);
Checks table_checks(const host::StageName& stage);
Checks sink_checks(const host::StageName& stage);

/// What the columns of a call hold, to compare it with another's.
using Contents = std::vector<std::string>;
Contents contents_of(const host::Columns& columns);

/// `work` of a worker gives what one call made. All workers at once, several times each, must give what worker 0 gave alone.
void expect_same_in_threads(const Workshop& workshop, const std::function<Contents(std::uint32_t worker)>& work);

}  // namespace embedloom::testkit
