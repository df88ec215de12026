// The rows of each window of an epoch, kept for the next run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace embedloom::run {

/// What write_counts() left there; nothing where there is no such file, or one that is cut, changed, or of another number of windows.
/// Throws base::Failure where it cannot be read.
std::optional<std::vector<std::uint64_t>> read_counts(const std::string& path, std::uint64_t windows);

/// 4 bytes a window, and a digest of them. Whole or not at all. Throws base::Failure.
void write_counts(const std::string& path, std::span<const std::uint64_t> rows);

}  // namespace embedloom::run
