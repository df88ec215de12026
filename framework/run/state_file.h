// The file that `run --state` reads at the start and writes after each batch.
#pragma once

#include <cstdint>
#include <string>

namespace embedloom::run {

/// The path for a rank: as it is, or with -r00001 behind it where there are ranks.
std::string state_path(const std::string& path, std::uint32_t rank, std::uint32_t world);
/// What stands in the file; empty where there is none. Throws base::Failure (bad_data for one that is too long to be a state).
std::string read_state(const std::string& path);
/// The file appears whole or not at all. Throws base::Failure.
void write_state(const std::string& path, const std::string& state);

}  // namespace embedloom::run
