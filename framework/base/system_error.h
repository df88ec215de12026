// Turns errno into the one error type: what failed, on which file, and which exit code that means.
#pragma once

#include <embedloom/base/error.h>

#include <string>
#include <system_error>

namespace embedloom::base {

/// The code of an errno: no_input, permission, cannot_create (a full disk, a quota, a read-only place), resources
/// (descriptors, memory), else io.
Code code_of_errno(int number);

/// Throws Failure with `what` as found ("cannot open"), the file as source, and the system's words as cause.
[[noreturn]] void throw_errno(int number, const std::string& what, const std::string& path);

/// Of what the standard library throws where the system refuses: a thread that cannot be started, mostly.
Error error_of(const std::system_error& error);

}  // namespace embedloom::base
