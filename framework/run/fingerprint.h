// What a run's rows depend on, as one digest: config values that can change a row, plugin versions, data and tables.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/run/stages.h>

#include <string>

namespace embedloom::run {

/// SHA-256 in hexadecimal. The source is open. No times, no absolute paths.
std::string fingerprint_of(const config::Spec& spec, const Stages& stages);

}  // namespace embedloom::run
