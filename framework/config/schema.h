// The keys that the core itself understands, as one table of parameters.
#pragma once

#include <embedloom/config/description.h>

namespace embedloom::config {

/// The top-level keys of a config, in the order in which a person writes them. A value that is not accepted
/// here is not there: nothing is accepted and then ignored.
const std::vector<Parameter>& top_level();

}  // namespace embedloom::config
