// What a plugin file says of itself, read from the file without loading it: loading would run its code.
#pragma once

#include <embedloom/base/error.h>
#include <embedloom/host/kind.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace embedloom::host {

/// The ELF note of a plugin.
struct Note {
    std::uint16_t abi_major = 0;
    std::uint16_t abi_minor = 0;
    std::vector<StageName> stages;
};

/// A look at a file. `note` is filled for plugins, and for refused files as far as it could be read; `error` says why a file
/// is refused, or what a stranger is.
struct Look {
    enum class Verdict {
        plugin,    ///< for this machine and this program
        stranger,  ///< a shared library for this machine, but no plugin of Embedloom
        refused    ///< cut off, for another machine, built for another ABI, or no shared library at all
    };
    Verdict verdict = Verdict::refused;
    Note note;
    base::Error error;
};

/// [main] Reads a file's note; every offset is checked against the bytes that are there. Never throws for what is in the
/// file; what cannot be opened is refused with its reason.
Look look_at_file(const std::string& path);

/// The same for bytes; `path` is for messages.
Look look_at(std::span<const std::byte> file, const std::string& path);

}  // namespace embedloom::host
