// What the program says of a run: errors, the ledger, the progress.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/run/session.h>

#include <functional>
#include <string>
#include <string_view>

namespace embedloom::cli {

enum class Style { people, machines };
enum class Notes { shown, hidden };

/// What commands say while they work, a line each: warnings, and notes where they are shown.
std::function<void(base::Severity, std::string_view)> log_to_stderr(Notes notes);

/// Errors to stderr, a line or a JSON object each. Returns the exit code: that of the first error.
int report(const base::Failure& failure, Style style);

/// "12,345".
std::string grouped(std::uint64_t number);

/// The ledger as an aligned table; rows that are 0 are left out, but for read and emitted.
std::string ledger_table(const run::Progress& progress);

/// Ledger, rates and counts as one JSON object.
std::string progress_json(const run::Progress& progress, double seconds);

/// One line: rows, tokens/s, MB/s, share done, time left, share of pads.
std::string progress_line(const run::Progress& progress, double seconds);

}  // namespace embedloom::cli
