// Asks the system for everything that a guest could have changed.
#include <embedloom/testkit/surroundings.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cfenv>
#include <clocale>
#include <cstdint>
#include <filesystem>

namespace embedloom::testkit {

namespace {

namespace fs = std::filesystem;

std::string entries_of(const char* folder) {
    std::error_code ignored;
    return std::to_string(std::distance(fs::directory_iterator(folder, ignored), fs::directory_iterator{}));
}

std::string umask_text() {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return std::to_string(mask);
}

}  // namespace

Surroundings look_around() {
    Surroundings seen{{"locale", std::setlocale(LC_ALL, nullptr)},
                      {"umask", umask_text()},
                      {"working folder", fs::current_path().string()},
                      {"rounding mode", std::to_string(std::fegetround())},
                      {"number of threads", entries_of("/proc/self/task")},
                      {"number of open files", entries_of("/proc/self/fd")}};
    for (int signal = 1; signal < 32; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0)
            seen["handler of signal " + std::to_string(signal)] =
                std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler));
    }
    for (char** variable = environ; *variable; ++variable) {
        const std::string text = *variable;
        seen["environment's " + text.substr(0, text.find('='))] = text;
    }
    return seen;
}

std::string difference_of(const Surroundings& before, const Surroundings& after) {
    const auto value = [](const Surroundings& all, const std::string& name) {
        const auto found = all.find(name);
        return found == all.end() ? std::string("nothing") : found->second;
    };
    Surroundings names = before;
    names.insert(after.begin(), after.end());
    for (const auto& [name, unused] : names)
        if (value(before, name) != value(after, name))
            return name + " was " + value(before, name) + " and is " + value(after, name);
    return {};
}

}  // namespace embedloom::testkit
