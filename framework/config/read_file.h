// Reads a small regular file whole, or says why not; never waits on a pipe, never reads a device.
#pragma once

#include <embedloom/base/error.h>

#include <filesystem>
#include <string>

namespace embedloom::config {

/// The bytes of `file`, at most `limit`. Throws base::Failure: no_input, permission, io, or config (no
/// regular file, too large).
std::string read_file(const std::filesystem::path& file, std::size_t limit);

}  // namespace embedloom::config
