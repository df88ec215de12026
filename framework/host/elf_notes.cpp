// Walks the program headers of an ELF file; each number from the file is checked before it is used.
#include <embedloom/host/elf_notes.h>

#include <embedloom/base/checked.h>

#include <elf.h>

#include <algorithm>
#include <cstring>

namespace embedloom::host {

namespace {

using Bytes = std::span<const std::byte>;

#if defined(__x86_64__)
constexpr std::uint16_t this_machine = EM_X86_64;
constexpr std::string_view this_machine_name = "x86-64";
#elif defined(__aarch64__)
constexpr std::uint16_t this_machine = EM_AARCH64;
constexpr std::string_view this_machine_name = "AArch64";
#else
#error "name this machine's ELF number here"
#endif

ElfRefusal cut_off(const std::string& what) {
    return {"a file that ends within its " + what, "a whole shared library", "copy or build it again"};
}

std::string machine_name(std::uint16_t machine) {
    switch (machine) {
        case EM_386: return "x86 (32 bit)";
        case EM_X86_64: return "x86-64";
        case EM_ARM: return "ARM (32 bit)";
        case EM_AARCH64: return "AArch64";
        case EM_RISCV: return "RISC-V";
        case EM_PPC64: return "PowerPC64";
        case EM_S390: return "S/390";
        default: return "machine number " + std::to_string(machine);
    }
}

/// [offset, offset + size) of the file; throws when it is not all there.
Bytes part(Bytes file, std::uint64_t offset, std::uint64_t size, const std::string& what) {
    const auto end = base::checked_add(offset, size);
    if (!end || *end > file.size()) throw cut_off(what);
    return file.subspan(offset, size);
}

template <class T>
T read(Bytes file, std::uint64_t offset, const std::string& what) {
    T value;
    std::memcpy(&value, part(file, offset, sizeof(T), what).data(), sizeof(T));
    return value;
}

Elf64_Ehdr read_header(Bytes file) {
    if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0)
        throw ElfRefusal(file.empty() ? "an empty file" : "a file that is no ELF file", "a shared library (.so)",
                         "build the plugin with embedloom_add_plugin()");
    if (file.size() < EI_NIDENT) throw cut_off("header");
    const auto ident = [&](std::size_t i) { return static_cast<unsigned>(file[i]); };
    if (ident(EI_CLASS) != ELFCLASS64 || ident(EI_DATA) != ELFDATA2LSB)
        throw ElfRefusal("a library for a 32-bit or big-endian machine", "one for " + std::string(this_machine_name),
                         "build the plugin on this machine");
    const auto header = read<Elf64_Ehdr>(file, 0, "header");
    if (header.e_machine != this_machine)
        throw ElfRefusal("a library for " + machine_name(header.e_machine), "one for " + std::string(this_machine_name),
                         "build the plugin on this machine");
    if (header.e_type != ET_DYN)
        throw ElfRefusal("an ELF file that is no shared library", "a shared library (.so)",
                         "build the plugin with embedloom_add_plugin()");
    if (header.e_phnum && header.e_phentsize != sizeof(Elf64_Phdr))
        throw ElfRefusal("program headers of " + std::to_string(header.e_phentsize) + " bytes", "56 bytes",
                         "build the plugin again");
    return header;
}

/// The section headers stand at a file's end, so a file that was cut anywhere lacks some of them.
void check_whole(Bytes file, const Elf64_Ehdr& header) {
    const std::uint64_t table_bytes = std::uint64_t{header.e_shentsize} * header.e_shnum;
    if (header.e_shoff) part(file, header.e_shoff, table_bytes, "section table");
}

/// Adds the notes of one segment that have the name and type.
void collect(Bytes segment, std::uint64_t note_alignment, std::string_view name, std::uint32_t type, std::vector<Bytes>& found) {
    const auto padded = [&](std::uint64_t size) { return (size + note_alignment - 1) / note_alignment * note_alignment; };
    while (segment.size() >= sizeof(Elf64_Nhdr)) {
        const auto head = read<Elf64_Nhdr>(segment, 0, "note");
        const std::uint64_t description_at = padded(sizeof head + std::uint64_t{head.n_namesz});
        const Bytes note_name = part(segment, sizeof head, head.n_namesz, "note's name");
        const Bytes description = part(segment, description_at, head.n_descsz, "note");
        const bool is_ours = head.n_type == type && note_name.size() == name.size() + 1 &&
                             std::memcmp(note_name.data(), name.data(), name.size()) == 0;
        if (is_ours) found.push_back(description);
        segment = segment.subspan(std::min<std::uint64_t>(segment.size(), padded(description_at + head.n_descsz)));
    }
}

}  // namespace

std::vector<Bytes> find_notes(Bytes file, std::string_view name, std::uint32_t type) {
    const Elf64_Ehdr header = read_header(file);
    std::vector<Bytes> found;
    for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
        const auto at = base::checked_add<std::uint64_t>(header.e_phoff, i * sizeof(Elf64_Phdr));
        if (!at) throw cut_off("program headers");
        const auto segment = read<Elf64_Phdr>(file, *at, "program headers");
        if (segment.p_type != PT_LOAD && segment.p_type != PT_NOTE) continue;
        const Bytes bytes = part(file, segment.p_offset, segment.p_filesz, segment.p_type == PT_LOAD ? "code or data" : "notes");
        if (segment.p_type == PT_NOTE) collect(bytes, segment.p_align == 8 ? 8 : 4, name, type, found);
    }
    check_whole(file, header);
    return found;
}

}  // namespace embedloom::host
