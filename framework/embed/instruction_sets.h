// Which instruction set the kernels run with: for reports, and for tests that compare all of them.
#pragma once

#include <string>
#include <vector>

namespace embedloom::embed {

/// What this build has and this processor can run, best first; the last one is plain C++. E.g. {"AVX2",
/// "SSE4", "SCALAR"}. [any-thread]
std::vector<std::string> instruction_sets();

/// From now on `name`, one of instruction_sets(), is used: by every call of this room, and by assemblers made
/// afterwards. Without a call it is the best one. [main], never beside another call of this room. Throws
/// base::Failure for other names.
void use_instruction_set(const std::string& name);

}  // namespace embedloom::embed
