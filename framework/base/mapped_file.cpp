// Maps files, and keeps the list of what is mapped for the handler of SIGBUS, which may allocate and lock nothing.
#include <embedloom/base/mapped_file.h>

#include <embedloom/base/descriptor.h>
#include <embedloom/base/system_error.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace embedloom::base {

namespace {

FileIdentity identity_of(const struct stat& status) {
    return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec,
            status.st_mtim.tv_nsec};
}

/// A mapping as the signal handler sees it. `begin` is written last and cleared first; 1 marks a place being filled.
struct Mapping {
    std::atomic<std::uintptr_t> begin{0};
    std::uintptr_t end = 0;
    std::array<char, 512> path{};
};
std::array<Mapping, 256> mappings;  // more files than this are mapped all the same, but the handler cannot name them

void remember(std::span<const std::byte> bytes, const std::string& path) {
    for (Mapping& mapping : mappings) {
        std::uintptr_t free = 0;
        if (!mapping.begin.compare_exchange_strong(free, 1)) continue;
        const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
        mapping.end = begin + bytes.size();
        mapping.path.fill('\0');
        path.copy(mapping.path.data(), mapping.path.size() - 1);
        mapping.begin.store(begin, std::memory_order_release);
        return;
    }
}

void forget(const std::byte* data) {
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    for (Mapping& mapping : mappings)
        if (mapping.begin.load(std::memory_order_relaxed) == begin) return mapping.begin.store(0);
}

void say(const char* text) { [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text, std::strlen(text)); }

extern "C" void on_lost_mapping(int signal, siginfo_t* info, void*) {
    const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
    for (const Mapping& mapping : mappings) {
        const std::uintptr_t begin = mapping.begin.load(std::memory_order_acquire);
        if (begin <= 1 || address < begin || address >= mapping.end) continue;
        say(mapping.path.data());
        say(": found a file that was shortened while it was in use, expected a file that stays as it is; write a new file and "
            "rename it over the old one\n");
        ::_exit(static_cast<int>(Code::io));
    }
    ::signal(signal, SIG_DFL);  // returning runs the faulting read again, now with the usual end
}

}  // namespace

std::optional<FileIdentity> identity_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return identity_of(status);
}

MappedFile::MappedFile(const std::string& path) : path_(path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (!file || ::fstat(file.number(), &status) != 0) throw_errno(errno, "a file that cannot be opened", path);
    if (!S_ISREG(status.st_mode))
        throw Failure(Error{.code = Code::bad_data, .source = path,
                            .found = S_ISDIR(status.st_mode) ? "a folder" : "a pipe or device", .expected = "a regular file"});
    identity_ = identity_of(status);
    if (identity_.bytes == 0) return;
    void* data = ::mmap(nullptr, identity_.bytes, PROT_READ, MAP_PRIVATE, file.number(), 0);
    if (data == MAP_FAILED) throw_errno(errno, "a file that cannot be mapped", path);
    bytes_ = {static_cast<const std::byte*>(data), identity_.bytes};
    remember(bytes_, path_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)), identity_(other.identity_), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile::~MappedFile() {
    if (bytes_.empty()) return;
    forget(bytes_.data());
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void report_lost_mappings() {
    struct sigaction action {};
    action.sa_sigaction = &on_lost_mapping;
    action.sa_flags = SA_SIGINFO;
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace embedloom::base
