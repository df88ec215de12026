// Writing of the quarantine.
#include <embedloom/run/quarantine.h>

#include <filesystem>

namespace embedloom::run {

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
