// Opens without blocking, looks at what was opened, and only then reads.
#include <embedloom/config/read_file.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace embedloom::config {

namespace {

struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) close(number);
    }
};

base::Failure refused(const std::filesystem::path& file, base::Error error) {
    error.source = file.string();
    return base::Failure(std::move(error));
}

base::Code code_of(int number) {
    if (number == ENOENT || number == ENOTDIR || number == ELOOP || number == ENAMETOOLONG)
        return base::Code::no_input;
    if (number == EACCES || number == EPERM) return base::Code::permission;
    if (number == EMFILE || number == ENFILE || number == ENOMEM) return base::Code::resources;
    return base::Code::io;
}

const char* kind_of_file(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a pipe";
    return "a device or socket";
}

}  // namespace

std::string read_file(const std::filesystem::path& file, std::size_t limit) {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    const Descriptor descriptor{open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    struct stat status {};
    if (descriptor.number < 0 || fstat(descriptor.number, &status) != 0)
        throw refused(file,
                      {.code = code_of(errno), .expected = "a config file", .cause = std::strerror(errno)});
    if (!S_ISREG(status.st_mode))
        throw refused(
            file,
            {.code = base::Code::config, .found = kind_of_file(status.st_mode), .expected = "a config file"});
    std::string bytes;
    std::string chunk(std::size_t{1} << 16, '\0');
    while (true) {
        const ssize_t got = ::read(descriptor.number, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw refused(file, {.code = base::Code::io, .cause = std::strerror(errno)});
        if (got == 0) return bytes;
        bytes.append(chunk, 0, static_cast<std::size_t>(got));
        if (bytes.size() > limit)
            throw refused(file, {.code = base::Code::config,
                                 .found = "more than " + std::to_string(limit) + " bytes",
                                 .expected = "a config of at most that"});
    }
}

}  // namespace embedloom::config
