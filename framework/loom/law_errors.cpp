// The messages of the law's errors.
#include <embedloom/base/error.h>
#include <embedloom/loom/law_errors.h>

#include <string>

namespace embedloom::loom {

using base::Code;
using base::Failure;
using std::to_string;

void refuse_empty_epoch(std::uint64_t epoch) {
    throw Failure({.code = Code::bad_data,
                   .stage = "source",
                   .found = "epoch " + to_string(epoch) + " without a row",
                   .expected = "at least one row in an epoch",
                   .hint = "every record was empty, filtered or bad, or there are blank lines alone"});
}

void refuse_no_full_batch(std::uint64_t rows, std::uint32_t batch) {
    throw Failure({.code = Code::config,
                   .key_path = "batch.size",
                   .found = "not one full batch: " + to_string(rows) + " rows for batches of " +
                            to_string(batch),
                   .expected = "at most " + to_string(rows) + " with tail: drop",
                   .hint = "lower batch.size, or use tail: short or wrap"});
}

void refuse_cursor(std::uint64_t window, std::uint64_t row, std::uint64_t rows) {
    throw Failure({.code = Code::config,
                   .key_path = "state",
                   .found = "row " + to_string(row) + " of window " + to_string(window),
                   .expected = "at most the " + to_string(rows) + " rows that the window makes",
                   .hint = "the state belongs to other data or another config"});
}

void refuse_unknown_count(std::uint64_t epoch, std::uint64_t window) {
    throw Failure({.stage = "plan",
                   .found = "no row count of window " + to_string(window) + " in epoch " + to_string(epoch),
                   .expected = "all counts known before"});
}

}  // namespace embedloom::loom
