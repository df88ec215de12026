// A small reader of ELF files that trusts nothing: finds notes by name in the bytes of a shared library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::host {

/// Why a file is no usable shared library: what was found, what was expected, what to do.
struct ElfRefusal : std::runtime_error {
    ElfRefusal(const std::string& what_is_there, std::string what_should_be, std::string what_to_do)
        : std::runtime_error(what_is_there), expected(std::move(what_should_be)), hint(std::move(what_to_do)) {}
    std::string expected;
    std::string hint;
};

/// The descriptions of all notes of this name and type in a 64-bit little-endian shared library for this machine, as spans
/// into `file`. Throws ElfRefusal: no ELF file, another architecture, no shared library, cut off, notes that do not fit.
std::vector<std::span<const std::byte>> find_notes(std::span<const std::byte> file, std::string_view name,
                                                   std::uint32_t type);

}  // namespace embedloom::host
