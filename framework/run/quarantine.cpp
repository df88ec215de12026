// Writing of the quarantine.
#include <embedloom/run/quarantine.h>

#include <cstdio>
#include <filesystem>
#include <utility>

namespace embedloom::run {

Quarantine::Quarantine(std::string folder, const loom::WindowRange& range) : folder_(std::move(folder)) {
    char name[96];
    std::snprintf(name, sizeof name, "quarantine-e%llu-w%08llu-%08llu.jsonl", static_cast<unsigned long long>(range.epoch),
                  static_cast<unsigned long long>(range.windows.begin), static_cast<unsigned long long>(range.windows.end - 1));
    name_ = name;
}

void Quarantine::add(const BadRecord& bad) {
    if (!file_.is_open()) {
        std::error_code ignored;  // the open below tells
        std::filesystem::create_directories(folder_, ignored);
        file_.open(path(), std::ios::trunc);
        if (!file_)
            throw base::Failure({.code = base::Code::cannot_create, .source = path(), .found = "a file that cannot be made",
                                 .hint = "see run.on_error.folder"});
    }
    file_ << "{\"record\":" << bad.record << ",\"error\":" << base::to_json(bad.error) << "}\n" << std::flush;
    if (!file_)
        throw base::Failure({.code = base::Code::io, .source = path(), .found = "a line that cannot be written"});
}

}  // namespace embedloom::run
