// What the first bytes of a file say it is.
#pragma once

#include <embedloom/sdk/error.h>

#include <string>
#include <string_view>

namespace embedloom::source {

namespace sdk = embedloom::sdk;

/// Throws EL_BAD_DATA, with what to do, for a file whose first 4 KiB are plainly no UTF-8 text: UTF-16 and UTF-32, known
/// binary formats, Git-LFS pointers, and files where more than one byte in eight is NUL.
void require_text(const std::string& path, std::string_view head);

}  // namespace embedloom::source
