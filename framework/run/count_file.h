// What was counted of each item of the data, kept for the next run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedloom::run {

/// What write_counts() left there; nothing where there is no such file, or one that is cut, changed, or of another number of items.
/// Throws base::Failure where it cannot be read.
std::optional<std::vector<std::uint32_t>> read_counts(const std::string& path, std::uint64_t items);

/// 4 bytes an item, and a digest of them. Whole or not at all. Throws base::Failure.
void write_counts(const std::string& path, std::span<const std::uint32_t> numbers);

}  // namespace embedloom::run
