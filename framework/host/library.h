// Loads a plugin file into the process, for good, and checks that its constant is what its note promised. Plugins are
// trusted code: one that crashes, exits or scribbles over memory cannot be contained in this process; the conformance suite
// is where it is found out.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/host/kind.h>

#include <span>
#include <string>
#include <vector>

namespace embedloom::host {

/// [any-thread] The stages of the file, in the order of its note, as checked copies whose arrays are walked by index. The second
/// load of a path gives the first one's again. Throws base::Failure (config), with the path, what was found and, from the
/// system's loader, why: a symbol that is missing, a library that is not there, another ABI, stages that differ from the note.
std::vector<const el_stage*> load_library(const std::string& real_path, std::span<const StageName> promised);

}  // namespace embedloom::host
