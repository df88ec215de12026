// Writing of the quarantine.
#include <embedloom/run/quarantine.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace embedloom::run {

namespace fs = std::filesystem;

std::uint64_t Quarantine::keep(std::uint64_t lines) {
    std::ifstream before(path_, std::ios::binary);
    std::uint64_t found = 0, bytes = 0;
    for (std::string line; found < lines && std::getline(before, line) && !before.eof(); ++found) bytes += line.size() + 1;
    goes_on_ = found > 0;
    std::error_code error;
    if (goes_on_) fs::resize_file(path_, bytes, error);
    if (error)
        throw base::Failure({.code = base::Code::io, .source = path_, .found = "a file that cannot be cut back to what the state counts",
                             .cause = error.message()});
    return found;
}

void Quarantine::add(const BadRecord& bad) {
    if (!file_.is_open()) {
        std::error_code ignored;  // the open below tells
        fs::create_directories(folder_, ignored);
        file_.open(path_, std::ios::binary | (goes_on_ ? std::ios::app : std::ios::trunc));
        if (!file_)
            throw base::Failure({.code = base::Code::cannot_create, .source = path_, .found = "a file that cannot be made",
                                 .hint = "see run.on_error.folder"});
    }
    file_ << "{\"record\":" << bad.record << ",\"error\":" << base::to_json(bad.error) << "}\n" << std::flush;
    if (!file_)
        throw base::Failure({.code = base::Code::io, .source = path_, .found = "a line that cannot be written"});
}

std::string quarantine_name(std::uint32_t rank, std::uint32_t world) {
    char name[32] = "quarantine.jsonl";
    if (world > 1) std::snprintf(name, sizeof name, "quarantine-r%05u.jsonl", rank);
    return name;
}

std::string quarantine_name(const loom::WindowRange& range) {
    char name[96];
    std::snprintf(name, sizeof name, "quarantine-e%llu-w%08llu-%08llu.jsonl", static_cast<unsigned long long>(range.epoch),
                  static_cast<unsigned long long>(range.windows.begin), static_cast<unsigned long long>(range.windows.end - 1));
    return name;
}

}  // namespace embedloom::run
