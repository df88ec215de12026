// The marks of files that are no text.
#include "sniff.h"

#include <algorithm>
#include <array>

namespace embedloom::source {

namespace {

struct Mark {
    std::string_view bytes;
    std::string_view name;
    std::string_view hint;
};

using namespace std::string_view_literals;

constexpr std::string_view to_utf8 = "convert it: iconv -f UTF-16 -t UTF-8 (or UTF-32)";
constexpr std::string_view unpack_it = "unpack it first; .gz and .zst are read as they are";
constexpr std::string_view no_text = "this source reads text";

// UTF-32 before UTF-16: the mark of the first begins with that of the second.
constexpr std::array marks{
    Mark{"\xFF\xFE\0\0"sv, "UTF-32 text", to_utf8},
    Mark{"\0\0\xFE\xFF"sv, "UTF-32 text", to_utf8},
    Mark{"\xFF\xFE"sv, "UTF-16 text", to_utf8},
    Mark{"\xFE\xFF"sv, "UTF-16 text", to_utf8},
    Mark{"\x7F" "ELF"sv, "a program (ELF)", no_text},
    Mark{"\x89PNG\r\n"sv, "a picture (PNG)", no_text},
    Mark{"\xFF\xD8\xFF"sv, "a picture (JPEG)", no_text},
    Mark{"%PDF-1."sv, "a PDF document", "extract its text first"},
    Mark{"PK\x03\x04"sv, "a zip archive", unpack_it},
    Mark{"\xFD" "7zXZ\0"sv, "xz data", unpack_it},
    Mark{"BZh91AY&SY"sv, "bzip2 data", unpack_it},
    Mark{"\x1F\x8B"sv, "gzip data inside packed data", "unpack it once first"},
    Mark{"\x28\xB5\x2F\xFD"sv, "Zstandard data inside packed data", "unpack it once first"},
    Mark{"7z\xBC\xAF\x27\x1C"sv, "a 7-zip archive", unpack_it},
    Mark{"\x04\x22\x4D\x18"sv, "LZ4 data", unpack_it},
    Mark{"PAR1"sv, "a Parquet file", "export its text column as JSON lines"},
    Mark{"SQLite format 3\0"sv, "an SQLite database", "export its text as JSON lines"},
    Mark{"version https://git-lfs.github.com/spec/"sv, "a Git-LFS pointer", "run: git lfs pull"},
};

}  // namespace

void require_text(const std::string& path, std::string_view head) {
    for (const Mark& mark : marks)
        if (head.starts_with(mark.bytes))
            throw sdk::Error{.code = EL_BAD_DATA, .source = path, .byte = 0, .found = std::string(mark.name),
                             .expected = "UTF-8 text", .hint = std::string(mark.hint)};
    const auto nuls = static_cast<std::size_t>(std::count(head.begin(), head.end(), '\0'));
    if (head.size() >= 64 && nuls > head.size() / 8)
        throw sdk::Error{.code = EL_BAD_DATA, .source = path, .byte = head.find('\0'),
                         .found = std::to_string(nuls) + " NUL bytes among the first " + std::to_string(head.size()),
                         .expected = "UTF-8 text", .hint = "a binary file, or UTF-16 without its mark"};
}

}  // namespace embedloom::source
