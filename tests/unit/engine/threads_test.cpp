// threads: auto, on machines that are made of files.
#include <embedloom/engine/threads.h>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom::engine;
namespace fs = std::filesystem;

namespace {

/// A folder with a list of groups and what they hold.
class Machine {
  public:
    void write(const std::string& name, const std::string& text) const {
        fs::create_directories((folder_ / name).parent_path());
        folder_.write(name, text + "\n");
    }
    ThreadSources sources(std::uint32_t processors) const {
        return {.processors = processors, .cgroup_list = folder_ / "list", .cgroup_root = folder_ / "root"};
    }

  private:
    embedloom::support::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("threads: without a quota there are as many as processors in the mask", "[serial]") {
    const Machine machine;
    CHECK(choose_threads(machine.sources(12)).why == "12: 12 processors in the affinity mask");
    machine.write("list", "0::/a/b");
    machine.write("root/a/b/cpu.max", "max 100000");
    CHECK(choose_threads(machine.sources(12)).threads == 12);
}

TEST_CASE("threads: the smallest quota of a group and its parents holds, rounded up (v2)", "[serial]") {
    const Machine machine;
    machine.write("list", "0::/a/b");
    machine.write("root/a/b/cpu.max", "400000 100000");
    machine.write("root/a/cpu.max", "150000 100000");
    const ThreadChoice choice = choose_threads(machine.sources(64));
    CHECK(choice.threads == 2);
    CHECK(choice.why == "2: a quota of 1.50 processors (cpu.max), of 64 in the affinity mask");
}

TEST_CASE("threads: a quota of cgroup v1 holds, and -1 is none", "[serial]") {
    const Machine machine;
    machine.write("list", "4:memory:/x\n3:cpu,cpuacct:/data/12");
    machine.write("root/cpu,cpuacct/cpu.cfs_quota_us", "300000");
    machine.write("root/cpu,cpuacct/cpu.cfs_period_us", "100000");
    CHECK(choose_threads(machine.sources(64)).threads == 3);
    machine.write("root/cpu,cpuacct/cpu.cfs_quota_us", "-1");
    CHECK(choose_threads(machine.sources(64)).threads == 64);
}

TEST_CASE("threads: a quota wider than the mask changes nothing", "[serial]") {
    const Machine machine;
    machine.write("list", "0::/");
    machine.write("root/cpu.max", "800000 100000");
    CHECK(choose_threads(machine.sources(4)).threads == 4);
}

TEST_CASE("threads: ranks on the same machine share them, one at least each", "[serial]") {
    const Machine machine;
    ThreadSources sources = machine.sources(16);
    sources.local_ranks = 4;
    CHECK(choose_threads(sources).why == "4: 16 processors in the affinity mask, shared by 4 ranks on this machine");
    sources.local_ranks = 40;
    CHECK(choose_threads(sources).threads == 1);
}

TEST_CASE("threads: files that make no sense limit nothing", "[serial]") {
    const Machine machine;
    machine.write("list", "nonsense\n0::/../../etc\n::");
    machine.write("root/cpu.max", "0 0");
    CHECK(choose_threads(machine.sources(4)).threads == 4);
}

TEST_CASE("threads: this machine has one at least", "[serial]") { CHECK(choose_threads().threads >= 1); }
