// What a launcher's environment says, and what is refused.
#include <embedloom/base/error.h>
#include <embedloom/run/rank.h>

#include "support/catch.hpp"

#include <map>

using namespace embedloom;

namespace {

using Variables = std::map<std::string, std::string>;

/// "rank of world", or the exit code of the refusal.
std::string choice(const Variables& variables, std::optional<std::uint32_t> rank = {}, std::optional<std::uint32_t> world = {}) {
    const auto environment = [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    try {
        const run::RankChoice chosen = run::choose_rank(rank, world, environment);
        return std::to_string(chosen.rank) + " of " + std::to_string(chosen.world);
    } catch (const base::Failure& failure) {
        return "refused " + std::to_string(static_cast<int>(failure.first().code));
    }
}

}  // namespace

TEST_CASE("rank: the caller's word goes before every launcher's") {
    const Variables torchrun{{"RANK", "3"}, {"WORLD_SIZE", "4"}};
    CHECK(choice(torchrun) == "3 of 4");
    CHECK(choice(torchrun, 0, 2) == "0 of 2");
    CHECK(choice(torchrun, {}, 1) == "0 of 1");
    CHECK(choice({}) == "0 of 1");
}

TEST_CASE("rank: torchrun, a SLURM step and Open MPI are known; a part of their variables is none") {
    CHECK(choice({{"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "8"}}) == "1 of 8");
    CHECK(choice({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}}) == "2 of 3");
    CHECK(choice({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}) == "0 of 1");  // a batch script, which runs once
    CHECK(choice({{"RANK", "1"}}) == "0 of 1");
}

TEST_CASE("rank: launchers that agree are one, and those that do not are refused") {
    Variables both{{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"SLURM_PROCID", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}};
    CHECK(choice(both) == "1 of 2");
    both["SLURM_PROCID"] = "0";
    CHECK(choice(both) == "refused 78");
    CHECK(choice(both, 0, 2) == "0 of 2");
}

TEST_CASE("rank: numbers that cannot be are refused, the caller's as usage, the environment's as config") {
    CHECK(choice({}, 0, {}) == "refused 64");
    CHECK(choice({}, {}, 2) == "refused 64");
    CHECK(choice({}, 2, 2) == "refused 64");
    CHECK(choice({}, 0, 0) == "refused 64");
    for (const char* text : {"", "x", "-1", "1 ", "4294967296", "1.0"}) CHECK(choice({{"RANK", text}, {"WORLD_SIZE", "2"}}) == "refused 78");
    CHECK(choice({{"RANK", "2"}, {"WORLD_SIZE", "2"}}) == "refused 78");
}
