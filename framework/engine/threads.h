// How many threads this process may use: processors, affinity and the container's quota, with a text that says why.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace embedloom::engine {

/// A number of threads, 1 or more, and where it comes from: "2: cgroup quota of 2.0 processors (64 in the affinity mask)".
struct ThreadChoice {
    std::uint32_t threads = 1;
    std::string why;
};

/// Where the limits are read; tests point it at a folder of their own.
struct ThreadSources {
    std::uint32_t processors = 0;  ///< 0: this thread's affinity mask
    std::filesystem::path cgroup_list = "/proc/self/cgroup";
    std::filesystem::path cgroup_root = "/sys/fs/cgroup";
};

/// `threads: auto`: the smallest of the affinity mask and the cgroup's processor quota (v1 and v2, and that of each parent
/// group), which oneTBB before 2022.3 does not look at. What cannot be read limits nothing. [any-thread]
ThreadChoice choose_threads(const ThreadSources& sources = {});

}  // namespace embedloom::engine
