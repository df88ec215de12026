// The line of a place in a file, worked out when a person asks.
#pragma once

#include <cstdint>
#include <optional>

namespace embedloom::run {

struct Origin;

/// From 1; nothing for a file that cannot be read as it is (compressed ones: bytes count unpacked).
std::optional<std::uint64_t> line_of(const Origin& origin);

}  // namespace embedloom::run
