// What is wrong with a tokenizer's file: thrown while it is read, told to the host by the plugin.
#pragma once

#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <string_view>

namespace embedloom::plugins {

/// The place of a mistake that has none.
inline constexpr std::uint64_t no_place = std::numeric_limits<std::uint64_t>::max();

/// One mistake in a vocabulary or tokenizer file. Thrown while it is loaded, never while texts are encoded.
struct LoadFailure : std::exception {
    LoadFailure(std::string what_is_there, std::string what_should_be, std::string what_to_do = {},
                std::uint64_t at_line = no_place, std::uint64_t at_byte = no_place)
        : found(std::move(what_is_there)),
          expected(std::move(what_should_be)),
          hint(std::move(what_to_do)),
          line(at_line),
          byte(at_byte),
          text_("found " + found + ", expected " + expected) {}

    std::string found;  ///< names the field for JSON: "model.type \"BPE\""
    std::string expected;
    std::string hint;
    std::uint64_t line;  ///< from 1
    std::uint64_t byte;  ///< from 0
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    std::string text_;
};

/// A token as messages show it: quoted, cut to 40 bytes, bytes outside printable ASCII as \xNN (a cut
/// character too).
std::string shown(std::string_view token);

}  // namespace embedloom::plugins
