// Reads the note and judges the file by it.
#include <embedloom/host/note.h>

#include <embedloom/base/mapped_file.h>
#include <embedloom/host/elf_notes.h>

#include <cstring>
#include <optional>

namespace embedloom::host {

namespace {

constexpr std::uint32_t most_text = 65536;

base::Error refusal(const std::string& path, std::string found, std::string expected, std::string hint) {
    return {.code = base::Code::config, .source = path, .found = std::move(found), .expected = std::move(expected),
            .hint = std::move(hint)};
}

/// What is wrong with a note: found, expected and what to do.
struct Fault {
    std::string found, expected, hint;
};

const char* const one_line_a_stage = "one note, a line \"kind/name version\" for each stage";

Fault malformed() { return {"a malformed note", one_line_a_stage, "rebuild the plugin"}; }

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, 80)) out += c < 0x20 || c > 0x7E ? '?' : c;
    return out + "'";
}

/// "kind/name version"
std::optional<Fault> parse_line(std::string_view line, std::vector<StageName>& stages) {
    const std::size_t slash = line.find('/'), space = line.find(' ', slash == line.npos ? 0 : slash);
    if (slash == line.npos || space == line.npos) return malformed();
    const auto kind = kind_of(line.substr(0, slash));
    const std::string_view name = line.substr(slash + 1, space - slash - 1), version = line.substr(space + 1);
    const char* const mend = "mend the plugin's declaration and rebuild it";
    if (!kind) return Fault{"a stage of kind " + quoted(line.substr(0, slash)), "a kind that this program has", "rebuild the plugin"};
    if (!is_name(name)) return Fault{"a stage named " + quoted(name), "1 to 64 of a to z, 0 to 9 and _, no digit first", mend};
    if (!is_version(version)) return Fault{"version " + quoted(version) + " of " + std::string(name), "major.minor.patch, as 1.0.0", mend};
    stages.push_back({*kind, std::string(name), std::string(version)});
    return std::nullopt;
}

std::optional<Fault> parse_description(std::span<const std::byte> description, Note& note) {
    el_note head;
    if (description.size() < sizeof head) return malformed();
    std::memcpy(&head, description.data(), sizeof head);
    note.abi_major = head.abi_major;
    note.abi_minor = head.abi_minor;
    if (head.bytes > description.size() - sizeof head || head.bytes > most_text) return malformed();
    std::string_view text(reinterpret_cast<const char*>(description.data()) + sizeof head, head.bytes);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == text.npos) return malformed();
        if (auto fault = parse_line(text.substr(0, end), note.stages)) return fault;
        text.remove_prefix(end + 1);
    }
    return note.stages.empty() ? std::optional(malformed()) : std::nullopt;
}

std::string abi_text(unsigned major, unsigned minor) { return std::to_string(major) + "." + std::to_string(minor); }

/// While the major number is 0 every minor one is a contract of its own.
bool is_served(const Note& note) {
    return note.abi_major == EL_ABI_MAJOR &&
           (EL_ABI_MAJOR == 0 ? note.abi_minor == EL_ABI_MINOR : note.abi_minor <= EL_ABI_MINOR);
}

}  // namespace

Look look_at(std::span<const std::byte> file, const std::string& path) {
    Look look;
    try {
        const auto notes = find_notes(file, EL_NOTE_NAME, EL_NOTE_TYPE);
        if (notes.empty()) {
            look.verdict = Look::Verdict::stranger;
            look.error = refusal(path, "a shared library without the note of a plugin", "a plugin of Embedloom",
                                 "end it with EMBEDLOOM_PLUGIN(...)");
            return look;
        }
        const std::optional<Fault> fault =
            notes.size() == 1 ? parse_description(notes.front(), look.note)
                              : Fault{std::to_string(notes.size()) + " notes", one_line_a_stage, "rebuild the plugin"};
        if (look.note.abi_major + look.note.abi_minor != 0 && !is_served(look.note))
            look.error = refusal(path, "a plugin built for ABI " + abi_text(look.note.abi_major, look.note.abi_minor),
                                 "ABI " + abi_text(EL_ABI_MAJOR, EL_ABI_MINOR) + ", which this program has",
                                 "rebuild the plugin");
        else if (fault)
            look.error = refusal(path, fault->found, fault->expected, fault->hint);
        else
            look.verdict = Look::Verdict::plugin;
    } catch (const ElfRefusal& elf) {
        look.error = refusal(path, elf.what(), elf.expected, elf.hint);
    }
    return look;
}

Look look_at_file(const std::string& path) {
    try {
        const base::MappedFile file(path);
        return look_at(file.bytes(), path);
    } catch (const base::Failure& failure) {
        Look look;
        look.error = failure.first();
        look.error.code = base::Code::config;
        return look;
    }
}

}  // namespace embedloom::host
