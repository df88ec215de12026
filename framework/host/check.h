// What every kind's checks of results share: the first thing that is wrong, and the codes of single items.
#pragma once

#include <embedloom/host/columns.h>
#include <embedloom/host/problem_text.h>
#include <embedloom/host/stage.h>

#include <optional>
#include <string>
#include <vector>

namespace embedloom::host {

/// How results break the contract.
struct Breach {
    std::string found;
    std::string expected;
};

/// "text 3 "
inline std::string item_text(const char* what, std::uint64_t number) {
    return std::string(what) + " " + std::to_string(number) + " ";
}

/// A column must hold `count` values of T.
template <class T>
std::optional<Breach> check_count(const Columns& columns, std::uint32_t column, std::uint64_t count, const char* what) {
    const std::uint64_t bytes = columns.bytes(column);
    if (bytes % sizeof(T) == 0 && bytes / sizeof(T) == count) return std::nullopt;
    return Breach{std::to_string(bytes) + " bytes of " + what,
                  std::to_string(count) + " of " + std::to_string(sizeof(T)) + " bytes"};
}

/// A column must hold whole values of T.
template <class T>
std::optional<Breach> check_whole(const Columns& columns, std::uint32_t column, const char* what) {
    if (columns.holds_whole(column, sizeof(T))) return std::nullopt;
    return Breach{std::to_string(columns.bytes(column)) + " bytes of " + what,
                  "a multiple of " + std::to_string(sizeof(T))};
}

/// The largest value; 0 of none.
inline std::uint32_t largest(std::span<const std::uint32_t> values) {
    std::uint32_t most = 0;
    for (const std::uint32_t value : values) most = value > most ? value : most;
    return most;
}

/// Ends must ascend and the last one be `total`: so that item i is [ends[i - 1], ends[i]).
std::optional<Breach> check_ends(std::span<const std::uint64_t> ends, std::uint64_t total, const char* what);

/// Runs a call that writes to columns, then `check` on what it wrote; a breach, or bytes written beyond what was
/// reserved, become the outcome.
template <class Call, class Check>
Outcome checked_call(Instance& instance, const char* name, Columns& out, const Call& call, const Check& check) {
    Outcome outcome = instance.call(Instance::Tag::any_thread, call);
    if (const std::uint32_t column = out.overrun_column(); column != EL_NONE)
        return instance.violation(name, "bytes beyond what was reserved of column " + std::to_string(column), "none");
    if (!outcome) return outcome;
    if (const std::optional<Breach> breach = check()) return instance.violation(name, breach->found, breach->expected);
    return outcome;
}

/// Problems that blame an item which is not there blame the call. Each item with a code gets a problem where the plugin told
/// none. A code that can be no single item's fault (I/O, memory, a bug) makes the whole call fail. `code_at` is the code of
/// an item.
template <class CodeAt>
void judge_items(const Instance& instance, Outcome& outcome, std::uint64_t count, const CodeAt& code_at) {
    for (Problem& problem : outcome.problems)
        if (problem.item >= count) problem.item = EL_NONE;
    el_status any = 0;
    for (std::uint64_t i = 0; i < count; ++i) any |= code_at(i);
    if (any == EL_OK) return;
    std::vector<bool> is_told(count, false);
    for (const Problem& problem : outcome.problems)
        if (problem.item < count) is_told[problem.item] = true;
    for (std::uint64_t i = 0; i < count; ++i) {
        const el_status code = code_at(i);
        if (code != EL_OK && !is_told[i]) {
            base::Error error = instance.error(code_of(code));
            error.found = "a refusal without a reason";
            outcome.problems.push_back({static_cast<std::uint32_t>(i), std::move(error)});
        }
        if (is_fault(code) && code != EL_OK && outcome.status == EL_OK) outcome.status = static_cast<el_status>(code_of(code));
    }
}

/// Throws base::Failure where the instance is of another kind; gives the kind's functions.
const void* functions_of(const Instance& instance, el_kind kind);

/// Calls a `facts` function; throws base::Failure where it fails.
template <class Facts>
Facts facts_of(Instance& instance, el_status (*function)(void*, Facts*)) {
    Facts facts{};
    facts.size = sizeof(Facts);
    instance.call(Instance::Tag::main, [&](const el_problems*) { return function(instance.handle().instance, &facts); })
        .or_throw();
    return facts;
}

}  // namespace embedloom::host
