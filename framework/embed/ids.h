// Finds ids that no table row belongs to, before they are used.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace embedloom::embed {

/// Where the first id stands that is negative or not below `rows`; nothing if all are good. [any-thread]
std::optional<std::uint64_t> find_out_of_range(std::span<const std::int64_t> ids, std::uint64_t rows);

}  // namespace embedloom::embed
