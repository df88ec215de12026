// Opens without blocking, looks at what was opened, and only then reads.
#include <embedloom/base/descriptor.h>
#include <embedloom/base/system_error.h>
#include <embedloom/config/read_file.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace embedloom::config {

namespace {

base::Failure refused(const std::filesystem::path& file, base::Error error) {
    error.source = file.string();
    return base::Failure(std::move(error));
}

base::Failure failed(const std::filesystem::path& file, int number) {
    const bool is_loop = number == ELOOP;  // of links: there is no file at its end
    return refused(file, {.code = is_loop ? base::Code::no_input : base::code_of_errno(number),
                          .found = "nothing that can be read",
                          .expected = "a config file",
                          .cause = std::generic_category().message(number)});
}

const char* kind_of_file(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a pipe";
    return "a device or socket";
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::size_t limit) {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    const base::Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!descriptor || fstat(descriptor.number(), &status) != 0) throw failed(file, errno);
    if (!S_ISREG(status.st_mode))
        throw refused(
            file,
            {.code = base::Code::config, .found = kind_of_file(status.st_mode), .expected = "a config file"});
    std::string bytes;
    std::string chunk(std::size_t{1} << 16, '\0');
    while (true) {
        const ssize_t got = ::read(descriptor.number(), chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw failed(file, errno);
        if (got == 0) return bytes;
        bytes.append(chunk, 0, static_cast<std::size_t>(got));
        if (bytes.size() > limit)
            throw refused(file, {.code = base::Code::config,
                                 .found = "more than " + std::to_string(limit) + " bytes",
                                 .expected = "a config of at most that"});
    }
}

}  // namespace embedloom::config
