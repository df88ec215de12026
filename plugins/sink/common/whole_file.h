// Writing of a file that appears whole or not at all.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace embedloom::plugins {

/// Writes the pieces to `path`: a temporary file beside it, synced, renamed. After a crash the file is there whole, or not at
/// all: the name itself is only sure to stay after sync_folder(). On any error the temporary file is removed and sdk::Error
/// thrown. Returns the SHA-256 of the content in hex.
std::string write_whole(const std::string& path, std::span<const std::string_view> pieces);

/// Makes the names in a folder outlast a crash.
void sync_folder(const std::string& folder);

/// Throws sdk::Error for errno: a full disk or missing folder is EL_CANNOT_CREATE, EACCES EL_PERMISSION, no descriptor or
/// memory EL_RESOURCES, the rest EL_IO.
[[noreturn]] void throw_errno(const std::string& what, const std::string& path);

}  // namespace embedloom::plugins
