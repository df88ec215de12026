// One window, from bytes to rows: read, tokenize, segment, objective. A pure function of (epoch, window).
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/run/record_order.h>
#include <embedloom/run/row_mover.h>
#include <embedloom/run/stages.h>
#include <embedloom/run/stage_clock.h>
#include <embedloom/run/tally.h>
#include <embedloom/run/window_rows.h>

#include <memory>
#include <optional>

namespace embedloom::run {

/// Which window, and the worker whose scratch memory is used.
struct WindowCall {
    std::uint64_t epoch = 0;
    std::uint64_t window = 0;
    std::uint32_t worker = 0;
};

struct WindowResult {
    std::uint64_t text_bytes = 0;      ///< of the records read
    std::optional<base::Error> error;  ///< the machine, a bug, or (on_error: fail) the first bad record
};

class WindowMaker {
  public:
    struct Settings {
        std::uint64_t seed = 0;
        BadRecords bad_records = BadRecords::fail;
        WindowWants wants;
        std::uint32_t workers = 1;
    };
    WindowMaker(const Stages& stages, const RecordOrder& order, StageClock& clock, Settings settings);
    ~WindowMaker();

    /// [any-thread], one call a worker at a time
    WindowResult make(const WindowCall& call, WindowRows& rows) const;
    /// What make() would make of a window, or of a part of all epochs (of records that make a row each), as counted.h says it.
    /// Throws base::Failure. [any-thread], one call a worker at a time
    std::uint32_t count(const WindowCall& call) const;
    std::uint32_t count_part(std::uint64_t part, std::uint32_t worker) const;

  private:
    friend class WindowMaking;
    struct Worker;
    const Stages* stages_;
    const RecordOrder* order_;
    StageClock* clock_;
    Settings settings_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace embedloom::run
