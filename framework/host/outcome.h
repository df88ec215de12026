// How a call into a plugin ended: a status, and what the plugin said is wrong.
#pragma once

#include <embedloom/abi/types.h>
#include <embedloom/base/error.h>

#include <cstdint>
#include <vector>

namespace embedloom::host {

/// What is wrong with one item of a call (a text, a record), or with the call itself (item EL_NONE).
struct Problem {
    std::uint32_t item = EL_NONE;
    base::Error error;
};

/// Status EL_OK: the results are whole and checked; then problems tell of single items that have a code, or are remarks.
/// Otherwise there are no results, and at least one problem says why, but for EL_CANCELLED. A result that breaks the
/// contract is EL_INTERNAL: no call ever gives a wrong batch.
struct Outcome {
    el_status status = EL_OK;
    std::vector<Problem> problems;

    explicit operator bool() const { return status == EL_OK; }
    /// Throws base::Failure with all problems where the call failed.
    void or_throw() const;
};

}  // namespace embedloom::host
