// Problems and statuses of the contract as our errors.
#pragma once

#include <embedloom/abi/types.h>
#include <embedloom/base/error.h>

#include <string>

namespace embedloom::host {

/// True for the numbers of EL_... statuses; a plugin may return any number.
bool is_known_status(el_status status);
/// The code of a status; one that is not known is a fault of the plugin: internal.
base::Code code_of(el_status status);
/// What is wrong with the machine or a program, and so never with a single record.
bool is_fault(el_status status);

/// Copies a plugin's problem: sizes, null pointers and lengths are not trusted. Stage and plugin are left to the caller.
/// `parameter` is what the problem blames, if anything.
struct ReadProblem {
    std::uint32_t record = EL_NONE;
    std::string parameter;
    base::Error error;
};
ReadProblem read_problem(const el_problem* problem);

/// Hands an error of ours to a plugin's problem list, which may be null.
void tell(const el_problems* problems, const base::Error& error);

}  // namespace embedloom::host
