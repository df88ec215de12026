// What the command line and the environment change in a config before it is checked: `--set a.b=c` and
// `${NAME}`.
#pragma once

#include <embedloom/config/tree.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::config {

/// The value of an environment variable, or nothing where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// The environment of this process. [main]
std::optional<std::string> process_environment(std::string_view name);

/// Puts each "a.b=value" into the tree, in order; the later one wins. The value is read as YAML, so that
/// `x=[a, b]`, `x={use: none}` and `x=null` (as if left out) work. Maps on the way are made where they are
/// missing; items of lists are named by their number, from 0. The mark of what it puts in is "--set
/// a.b=value". Mistakes: no '=', an empty step, a value that is no YAML, a step into what is no map, an item
/// that is not there.
void apply_sets(Tree& tree, const std::vector<std::string>& sets, Mistakes& mistakes);

/// Replaces ${NAME} in every scalar, quoted or not, keys apart; `$${` stands for `${`. A scalar that is one variable
/// and nothing else is plain from then on: "${N}" can be a number. Mistakes: a variable that is not set, a name
/// that is none, a missing '}'.
void expand_environment(Node& root, const Environment& environment, Mistakes& mistakes);

}  // namespace embedloom::config
