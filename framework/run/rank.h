// Which rank of how many this process is: said by the caller, or by the launcher's environment.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace embedloom::run {

struct RankChoice {
    std::uint32_t rank = 0;
    std::uint32_t world = 1;
    std::string why;  ///< "rank 1 of 4: torchrun (RANK, WORLD_SIZE)"
};

/// A variable of the environment, or nothing. Tests bring their own.
using Environment = std::function<std::optional<std::string>(const char*)>;
std::optional<std::string> environment_of_process(const char* name);

/// What the caller said; else torchrun's RANK and WORLD_SIZE, the numbers of a SLURM step, Open MPI's; else 0 of 1. Only the
/// data-parallel coordinate counts, so with tensor or pipeline parallelism the caller says it. Throws base::Failure (usage where the caller's own
/// numbers cannot be, config for the environment's): one of two missing, no number, a rank beyond the world, two launchers that disagree.
RankChoice choose_rank(std::optional<std::uint32_t> rank, std::optional<std::uint32_t> world, const Environment& environment);

}  // namespace embedloom::run
