// The one reading of scalars: what text a boolean, integer, number, share or size may have, and what it is
// worth.
#pragma once

#include <embedloom/config/description.h>
#include <embedloom/config/spec.h>
#include <embedloom/config/tree.h>

namespace embedloom::config {

/// A value of the scalar types (boolean to choice). Booleans are `true` and `false`; integers are decimal
/// digits, with '-' in front where negative; numbers are written as in JSON; shares are `1 %` or `0.01`;
/// sizes are bytes or a number of B, KiB, MiB, GiB, TiB. All of these without quotes. Text and choices take
/// any scalar as it is written. Where `node` is no such value, the result is unset and `error` says found,
/// expected and hint.
decltype(Value::data) read_scalar(const Parameter& parameter, const Node& node, base::Error& error);

}  // namespace embedloom::config
