// What the tests of the stream's law share: tables of row counts, and running a stream to its end.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/loom/step.h>

#include <string>
#include <utility>
#include <vector>

namespace loom_test {

using namespace embedloom;
using namespace embedloom::loom;

/// Rows by epoch and window; epochs beyond the last begin again.
struct Table final : RowCounts {
    std::vector<std::vector<std::uint64_t>> counts;

    explicit Table(std::vector<std::vector<std::uint64_t>> rows) : counts(std::move(rows)) {}
    static Table of(std::vector<std::uint64_t> every_epoch) {
        return Table(std::vector<std::vector<std::uint64_t>>(1, std::move(every_epoch)));
    }
    std::uint64_t at(std::uint64_t epoch, std::uint64_t window) const {
        return counts[epoch % counts.size()][window];
    }
    std::optional<std::uint64_t> rows(std::uint64_t epoch, std::uint64_t window) const override {
        return at(epoch, window);
    }
};

/// What a stream gives: its steps, and how it ended.
struct Run {
    std::vector<Step> steps;
    End end;
};

/// All steps from `state` on, `most` at most. Every count is known.
inline Run run(const Shape& shape, const State& state, const RowCounts& counts, std::size_t most = 1000000) {
    Run made;
    Dealer dealer(shape, state);
    while (made.steps.size() < most) {
        StepResult next = dealer.advance(counts);
        if (const End* end = std::get_if<End>(&next)) {
            made.end = *end;
            break;
        }
        made.steps.push_back(std::get<Step>(std::move(next)));
    }
    return made;
}

/// The message that `call` fails with, or "" where it does not fail.
template <class Call>
std::string failure(Call&& call) {
    try {
        call();
    } catch (const base::Failure& error) {
        return error.what();
    }
    return "";
}

}  // namespace loom_test
