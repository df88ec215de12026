// Reading and writing of states.
#include <embedloom/base/atomic_file.h>
#include <embedloom/base/error.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/run/state_file.h>

#include <cstdio>

namespace embedloom::run {

namespace {
constexpr std::size_t most_bytes = 1 << 20;
}

std::string state_path(const std::string& path, std::uint32_t rank, std::uint32_t world) {
    if (world == 1) return path;
    char suffix[16];
    std::snprintf(suffix, sizeof suffix, "-r%05u", rank);
    return path + suffix;
}

std::string read_state(const std::string& path) {
    if (!base::identity_of(path)) return "";
    const base::MappedFile file(path);
    if (file.bytes().size() > most_bytes || file.bytes().empty())
        throw base::Failure({.code = base::Code::bad_data, .source = path, .found = std::to_string(file.bytes().size()) + " bytes",
                             .expected = "a state of 1 byte to 1 MiB", .hint = "take the file away to begin anew"});
    return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

void write_state(const std::string& path, const std::string& state) { base::write_whole(path, state + "\n"); }

}  // namespace embedloom::run
