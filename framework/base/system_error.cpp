// Which exit code each errno means.
#include <embedloom/base/system_error.h>

#include <cerrno>
#include <system_error>

namespace embedloom::base {

Code code_of_errno(int number) {
    switch (number) {
        case ENOENT:
        case ENOTDIR: return Code::no_input;
        case EACCES:
        case EPERM: return Code::permission;
        case ENOSPC:
        case EDQUOT:
        case EROFS:
        case EEXIST: return Code::cannot_create;
        case EAGAIN:  // of a thread that cannot be started
        case EMFILE:
        case ENFILE:
        case ENOMEM: return Code::resources;
        default: return Code::io;
    }
}

void throw_errno(int number, const std::string& what, const std::string& path) {
    throw Failure(Error{.code = code_of_errno(number), .source = path, .found = what,
                        .cause = std::generic_category().message(number)});
}

Error error_of(const std::system_error& error) {
    return {.code = code_of_errno(error.code().value()), .found = error.what(), .hint = "threads or memory may be short: see ulimit -u, ulimit -v"};
}

}  // namespace embedloom::base
