// The state of the process that a plugin is a guest in.
#pragma once

#include <map>
#include <string>

namespace embedloom::testkit {

/// What there is by its name: "umask" to "022".
using Surroundings = std::map<std::string, std::string>;

/// [main] Locale, umask, working folder, signal handlers, environment, rounding mode, number of threads, open files.
Surroundings look_around();

/// "umask was 022 and is 077"; empty: nothing differs.
std::string difference_of(const Surroundings& before, const Surroundings& after);

}  // namespace embedloom::testkit
