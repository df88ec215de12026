// Exceptions become errors.
#include <embedloom/base/system_error.h>
#include <embedloom/engine/border.h>

#include <exception>
#include <new>
#include <system_error>
#include <utility>

namespace embedloom::engine {

namespace {

using Clock = std::chrono::steady_clock;

/// The error of `run`, or nothing.
template <typename Run>
std::optional<base::Error> error_of(const char* where, Run&& run) noexcept {
    try {
        run();
        return std::nullopt;
    } catch (...) {
        return current_error(where);
    }
}

/// Short enough for strings that allocate nothing.
base::Error no_memory() { return {.code = base::Code::resources, .found = "no memory left"}; }

/// Of what is being handled. Throws where there is no memory for the description.
base::Error described(const char* where) {
    try {
        throw;
    } catch (const base::Failure& failure) {
        return failure.first();
    } catch (const std::bad_alloc&) {
        return no_memory();
    } catch (const std::system_error& error) {
        base::Error told = base::error_of(error);
        told.stage = where;
        return told;
    } catch (const std::exception& exception) {
        return {.stage = where, .found = "an exception", .hint = "this is a bug", .cause = exception.what()};
    } catch (...) {
        return {.stage = where, .found = "an exception of an unknown type", .hint = "this is a bug"};
    }
}

}  // namespace

base::Error current_error(const char* where) noexcept {
    try {
        return described(where);
    } catch (...) {
        return no_memory();
    }
}

Border::TimedWindow Border::make_window(WindowId id, std::uint32_t window_slot, std::uint32_t worker) const noexcept {
    TimedWindow timed;
    const auto begin = Clock::now();
    auto error = error_of("window", [&] { timed.made = work_.make_window(id, window_slot, worker); });
    if (error) timed.made.error = std::move(error);
    timed.time = Clock::now() - begin;
    return timed;
}

Border::TimedStrip Border::make_strip(const StripTask& task) const noexcept {
    TimedStrip timed;
    const auto begin = Clock::now();
    auto error = error_of("strip", [&] { timed.error = work_.make_strip(task); });
    if (error) timed.error = std::move(error);
    timed.time = Clock::now() - begin;
    return timed;
}

BatchOpened Border::open_batch(const StepPlan& plan, std::uint32_t batch_slot) const noexcept {
    BatchOpened opened;
    auto error = error_of("batch", [&] { opened = work_.open_batch(plan, batch_slot); });
    if (error) opened.error = std::move(error);
    return opened;
}

std::optional<base::Error> Border::recycle_window(std::uint32_t window_slot) const noexcept {
    return error_of("window", [&] { work_.recycle_window(window_slot); });
}

}  // namespace embedloom::engine
