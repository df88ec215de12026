// What a file says of itself without being loaded, and which files are refused for it.
#include <embedloom/host/note.h>
#include <embedloom/sdk/plugin.h>

#include <elf.h>

#include <cstring>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
using namespace embedloom::host;

namespace {

const std::string& good_plugin() {
    static const std::string bytes = support::read_file(EMBEDLOOM_PLUGIN_FOLDER "/table_random.so");
    return bytes;
}

Look look(std::string_view bytes) { return look_at(std::as_bytes(std::span(bytes)), "a.so"); }

template <class T>
std::string with(std::string bytes, std::size_t at, T value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
    return bytes;
}

/// Where the note's description begins: the ABI's numbers, the text's size, the text.
std::size_t description_at() {
    const std::size_t at = good_plugin().find(std::string("Embedloom\0", 10) + std::string("\0\0", 2));
    REQUIRE(at != std::string::npos);
    return at + 12;
}

void check_refused(const std::string& bytes, const std::string& found) {
    const Look seen = look(bytes);
    CHECK(seen.verdict == Look::Verdict::refused);
    CHECK(seen.error.found == found);
    CHECK(seen.error.code == base::Code::config);
    CHECK(seen.error.source == "a.so");
    CHECK_FALSE(seen.error.expected.empty());
}

}  // namespace

TEST_CASE("note: a plugin's stages are read from its file") {
    const Look seen = look(good_plugin());
    CHECK(seen.verdict == Look::Verdict::plugin);
    CHECK(seen.note.abi_major == EL_ABI_MAJOR);
    CHECK(seen.note.abi_minor == EL_ABI_MINOR);
    REQUIRE(seen.note.stages.size() == 1);
    CHECK(plugin_name(seen.note.stages[0]) == "table/random 1.0.0");
    CHECK(look_at_file(EMBEDLOOM_BAD_PLUGIN_FOLDER "/liar_others.so").note.stages.size() == 3);
}

TEST_CASE("note: what is no shared library for this machine is refused with the reason") {
    check_refused("", "an empty file");
    check_refused("#!/bin/sh\n", "a file that is no ELF file");
    check_refused(with<unsigned char>(good_plugin(), EI_CLASS, ELFCLASS32), "a library for a 32-bit or big-endian machine");
    check_refused(with<std::uint16_t>(good_plugin(), offsetof(Elf64_Ehdr, e_machine), EM_RISCV), "a library for RISC-V");
    check_refused(with<std::uint16_t>(good_plugin(), offsetof(Elf64_Ehdr, e_type), ET_EXEC),
                  "an ELF file that is no shared library");
}

TEST_CASE("note: a file that is cut off anywhere is refused") {
    for (std::size_t left = 1; left < good_plugin().size(); left += left < 4096 ? 1 : 997)
        if (look(good_plugin().substr(0, left)).verdict != Look::Verdict::refused) FAIL("cut to " << left << " bytes");
    CHECK(look(good_plugin().substr(0, good_plugin().size() - 1)).verdict == Look::Verdict::refused);
}

TEST_CASE("note: another ABI is refused with both numbers") {
    const Look newer = look(with<std::uint16_t>(good_plugin(), description_at() + 2, EL_ABI_MINOR + 1));
    CHECK(base::one_line(newer.error) ==
          "a.so: found a plugin built for ABI 0.2, expected ABI 0.1, which this program has; rebuild the plugin");
    CHECK(newer.note.stages.size() == 1);
    check_refused(with<std::uint16_t>(good_plugin(), description_at(), 7), "a plugin built for ABI 7.1");
}

TEST_CASE("note: a malformed note is refused") {
    const std::size_t text = description_at() + sizeof(el_note);
    check_refused(with<std::uint32_t>(good_plugin(), description_at() + 4, 0xFFFFFFFF), "a malformed note");
    check_refused(with<std::uint32_t>(good_plugin(), description_at() + 4, 0), "a malformed note");
    check_refused(with(good_plugin(), text, '\n'), "a malformed note");
    check_refused(with(good_plugin(), text, ' '), "a stage of kind ' able'");
    for (const char wrong : {'\0', '\xFF'}) check_refused(with(good_plugin(), text, wrong), "a stage of kind '?able'");
    check_refused(with(good_plugin(), text, '/'), "a stage of kind ''");
    check_refused(with(good_plugin(), text, 'T'), "a stage of kind 'Table'");
    check_refused(with(good_plugin(), text + 6, 'R'), "a stage named 'Random'");
    check_refused(with(good_plugin(), text + 14, 'x'), "version '1x0.0' of random");
}

TEST_CASE("note: the SDK compiles the names and versions that the host takes, and no others") {
    for (const std::string name : {"a", "a_1", "_", "a/b", "A", "1a", "", "a b", "a-b"})
        CHECK(sdk::detail::is_name(name) == is_name(name));
    CHECK(sdk::detail::is_name(std::string(64, 'a')));
    CHECK_FALSE(sdk::detail::is_name(std::string(65, 'a')));
    for (const std::string version :
         {"1.0.0", "0.1", "1", "", "1.0.0.0", "1..0", ".1.0", "1.0.", "v1.0.0", "1.0.0-a", "10.20.30", "1.0.123456789", "1.0.1234567890"})
        CHECK(sdk::detail::is_version(version) == is_version(version));
    CHECK(is_version("10.20.30"));
}

TEST_CASE("note: a shared library that is no plugin is a stranger, not a mistake") {
    const Look seen = look_at_file(EMBEDLOOM_BAD_PLUGIN_FOLDER "/elsewhere/dependency.so");
    CHECK(seen.verdict == Look::Verdict::stranger);
    CHECK(seen.error.found == "a shared library without the note of a plugin");
}

TEST_CASE("note: any one byte of the headers may be wrong without a crash") {
    const std::size_t headers = sizeof(Elf64_Ehdr) + 12 * sizeof(Elf64_Phdr);
    for (std::size_t at = 0; at < headers; ++at)
        for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF})
            look(with(good_plugin(), at, static_cast<unsigned char>(value)));
    for (std::size_t at = description_at() - 24; at < description_at() + 32; ++at)
        for (int value = 0; value < 256; ++value) look(with(good_plugin(), at, static_cast<unsigned char>(value)));
    SUCCEED();
}
