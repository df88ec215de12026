// Reading the affinity mask and the cgroups' quotas.
#include <embedloom/engine/signals.h>
#include <embedloom/engine/threads.h>

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <latch>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

namespace embedloom::engine {

namespace {

namespace fs = std::filesystem;

struct Quota {
    double processors = 0;
    std::string file;  // its name
};

std::uint32_t processors_in_mask() {
    for (int most = 1024; most <= 1 << 20; most *= 2) {
        const std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> mask(CPU_ALLOC(most), [](cpu_set_t* set) { CPU_FREE(set); });
        const std::size_t bytes = CPU_ALLOC_SIZE(most);
        if (mask && sched_getaffinity(0, bytes, mask.get()) == 0)
            return static_cast<std::uint32_t>(std::max(1, CPU_COUNT_S(bytes, mask.get())));
    }
    return 1;
}

/// quota / period of the text "150000 100000"; "max" and -1 are no limit.
std::optional<double> ratio(const std::string& text) {
    std::istringstream words(text);
    double quota = 0;
    double period = 0;
    if (!(words >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
    return quota / period;
}

std::string content(const fs::path& file) {
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    return text;
}

std::optional<Quota> quota_of_group(const fs::path& folder) {
    if (const auto found = ratio(content(folder / "cpu.max"))) return Quota{*found, "cpu.max"};
    const auto v1 = ratio(content(folder / "cpu.cfs_quota_us") + " " + content(folder / "cpu.cfs_period_us"));
    if (v1) return Quota{*v1, "cpu.cfs_quota_us"};
    return std::nullopt;
}

/// The group's folder and those of its parents, up to `root`. In a container the path may be the host's, which is not to be
/// seen here, and only the root is.
std::vector<fs::path> group_and_parents(const fs::path& root, const std::string& group) {
    std::vector<fs::path> folders{root};
    fs::path folder = root;
    for (const fs::path& part : fs::path(group).relative_path()) {
        if (part == "..") break;
        folders.push_back(folder /= part);
    }
    return folders;
}

/// Where a controller may be mounted, by a line "4:cpu,cpuacct:/group" of the list (v2: "0::/group").
std::vector<fs::path> folders_of_line(const fs::path& root, const std::string& line) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) return {};
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string group = line.substr(second + 1);
    std::vector<fs::path> folders;
    const auto add = [&](const fs::path& mount) {
        for (fs::path& folder : group_and_parents(mount, group)) folders.push_back(std::move(folder));
    };
    if (controllers.empty()) {
        add(root);
        add(root / "unified");
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
        add(root / controllers);
        add(root / "cpu");
    }
    return folders;
}

std::optional<Quota> smallest_quota(const ThreadSources& sources) {
    std::optional<Quota> smallest;
    std::ifstream list(sources.cgroup_list);
    for (std::string line; std::getline(list, line);)
        for (const fs::path& folder : folders_of_line(sources.cgroup_root, line)) {
            const auto quota = quota_of_group(folder);
            if (quota && (!smallest || quota->processors < smallest->processors)) smallest = quota;
        }
    return smallest;
}

std::string two_places(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    return text;
}

}  // namespace

ThreadChoice choose_threads(const ThreadSources& sources) {
    const std::uint32_t mask = sources.processors > 0 ? sources.processors : processors_in_mask();
    std::uint32_t threads = mask;
    std::string why = std::to_string(mask) + " processors in the affinity mask";
    if (const auto quota = smallest_quota(sources); quota && std::ceil(quota->processors) < mask) {
        threads = static_cast<std::uint32_t>(std::ceil(quota->processors));
        why = "a quota of " + two_places(quota->processors) + " processors (" + quota->file + "), of " +
              std::to_string(mask) + " in the affinity mask";
    }
    if (sources.local_ranks > 1) {
        threads = std::max(1u, threads / sources.local_ranks);
        why += ", shared by " + std::to_string(sources.local_ranks) + " ranks on this machine";
    }
    return {.threads = threads, .why = std::to_string(threads) + ": " + why};
}

base::Error too_few_threads(std::size_t started, std::uint32_t wanted, const std::system_error& why) {
    return {.code = base::Code::resources, .key_path = "run.threads", .found = std::to_string(started) + " threads that could be started",
            .expected = std::to_string(wanted), .hint = "lower run.threads, or raise the limits on processes (ulimit -u) and memory (ulimit -v)",
            .cause = why.what()};
}

void require_threads(std::uint32_t count) {
    const SignalsBlocked blocked;
    std::latch enough(1);
    std::vector<std::jthread> threads;
    threads.reserve(count);
    try {
        while (threads.size() < count) threads.emplace_back([&] { enough.wait(); });
    } catch (const std::system_error& error) {
        enough.count_down();
        throw base::Failure(too_few_threads(threads.size(), count, error));
    }
    enough.count_down();
}

}  // namespace embedloom::engine
