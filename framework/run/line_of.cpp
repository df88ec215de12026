// Counts line ends up to a byte.
#include <embedloom/run/line_of.h>
#include <embedloom/run/session.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace embedloom::run {

namespace {

constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;  // a person waits for the count

bool is_compressed(const std::array<char, 4>& head) {
    const std::string_view magic(head.data(), head.size());
    return magic.starts_with("\x1F\x8B") || magic == "\x28\xB5\x2F\xFD";
}

}  // namespace

std::optional<std::uint64_t> line_of(const Origin& origin) {
    std::ifstream file(std::string(origin.file), std::ios::binary);
    std::array<char, 4> head{};
    file.read(head.data(), head.size());
    if (file.bad() || (file.gcount() == 4 && is_compressed(head))) return std::nullopt;
    if (origin.byte > most_bytes) return std::nullopt;
    file.clear();
    file.seekg(0);
    std::uint64_t line = 1, left = origin.byte;
    std::array<char, 65536> buffer;
    while (left) {
        file.read(buffer.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(left, buffer.size())));
        const std::streamsize got = file.gcount();
        if (got <= 0) return std::nullopt;
        line += static_cast<std::uint64_t>(std::count(buffer.data(), buffer.data() + got, '\n'));
        left -= static_cast<std::uint64_t>(got);
    }
    return line;
}

}  // namespace embedloom::run
