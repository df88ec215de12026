// Unpacks gzip and Zstandard files once, into the run's cache, in constant memory.
#pragma once

#include "input_file.h"

#include <embedloom/sdk/host.h>

#include <optional>

namespace embedloom::source {

enum class Packing { none, gzip, zstd };

/// How `head`, the first bytes of a file, is packed. A file named .gz or .zst that ends within the first bytes of such a file
/// counts as packed and cut.
Packing packing_of(std::string_view path, std::string_view head);
/// What the file's name says.
Packing packing_named(std::string_view path);
std::string_view name_of(Packing packing);

/// An unpacked copy in the cache.
struct Unpacked {
    std::string path;
    std::uint64_t bytes = 0;               ///< of content: behind it stands the cache's own note
    std::optional<sdk::Error> damage;      ///< what ended it early: the bytes before are right
};

/// The copy that is there, or a new one. The cache's key is the digest of all of the packed file, so it needs no times.
/// Throws EL_BAD_DATA for a bomb (more than 1000 times its size and 64 MiB) and for what only its maker can unpack
/// (a dictionary, a window above 128 MiB); EL_IO, EL_CANCELLED.
Unpacked unpack(const InputFile& file, Packing packing, const sdk::Host& host);

}  // namespace embedloom::source
