// How many threads this process may use: affinity, the container's quota, ranks beside it, and a text that says why.
#pragma once

#include <embedloom/base/error.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

namespace embedloom::engine {

/// A number of threads, 1 or more, and where it comes from: "2: a quota of 1.50 processors (cpu.max), of 64 in the
/// affinity mask".
struct ThreadChoice {
    std::uint32_t threads = 1;
    std::string why;
};

/// Where the limits are read; tests point it at a folder of their own.
struct ThreadSources {
    std::uint32_t processors = 0;   ///< 0: those in this thread's affinity mask
    std::uint32_t local_ranks = 1;  ///< processes of this job on this machine, which share what there is
    std::filesystem::path cgroup_list = "/proc/self/cgroup";
    std::filesystem::path cgroup_root = "/sys/fs/cgroup";
};

/// `threads: auto`: the smaller of the affinity mask and the cgroup's processor quota (v1 and v2, that of each parent group
/// too), rounded up, divided among the local ranks. oneTBB before 2022.3 does not look at quotas, and runs many times slower
/// where it has more threads than quota. What cannot be read limits nothing. [any-thread]
ThreadChoice choose_threads(const ThreadSources& sources = {});

/// What is said where the system starts fewer threads than are wanted.
base::Error too_few_threads(std::size_t started, std::uint32_t wanted, const std::system_error& why);

/// Starts so many threads beside each other and ends them. Throws base::Failure (resources) where the limits on processes or memory do
/// not allow them: where oneTBB finds that out, in a thread of its own, nobody can catch what it throws. [any-thread]
void require_threads(std::uint32_t count);

}  // namespace embedloom::engine
