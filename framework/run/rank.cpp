// Reading of launchers' environments.
#include <embedloom/base/error.h>
#include <embedloom/run/rank.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace embedloom::run {

namespace {

struct Launcher {
    const char* name;
    const char* rank;
    const char* world;
};
/// SLURM_STEP_NUM_TASKS is there within a step of srun alone: a batch script that runs the program once is no rank.
constexpr std::array launchers{Launcher{"torchrun", "RANK", "WORLD_SIZE"}, Launcher{"SLURM", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"},
                               Launcher{"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"}};

[[noreturn]] void refuse(base::Code code, std::string found, std::string expected) {
    throw base::Failure({.code = code, .found = std::move(found), .expected = std::move(expected),
                         .hint = "say rank and world size yourself: --rank and --world-size, or rank= and world_size="});
}

std::uint32_t number_of(const char* name, const std::string& text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) refuse(base::Code::config, std::string(name) + "=" + text, "a whole number");
    return number;
}

std::string text_of(const RankChoice& choice) {
    return "rank " + std::to_string(choice.rank) + " of " + std::to_string(choice.world);
}

std::optional<RankChoice> choice_of(const Launcher& launcher, const Environment& environment) {
    const auto rank = environment(launcher.rank), world = environment(launcher.world);
    if (!rank || !world) return std::nullopt;
    RankChoice choice{.rank = number_of(launcher.rank, *rank), .world = number_of(launcher.world, *world), .why = ""};
    choice.why = text_of(choice) + ": " + launcher.name + " (" + launcher.rank + ", " + launcher.world + ")";
    if (choice.rank >= choice.world) refuse(base::Code::config, choice.why, "a rank below the world size");
    return choice;
}

}  // namespace

std::optional<std::string> environment_of_process(const char* name) {
    const char* value = std::getenv(name);
    return value ? std::optional<std::string>(value) : std::nullopt;
}

RankChoice choose_rank(std::optional<std::uint32_t> rank, std::optional<std::uint32_t> world, const Environment& environment) {
    if (rank && !world) refuse(base::Code::usage, "a rank without a world size", "both or none");
    if (world && !rank && *world != 1) refuse(base::Code::usage, "a world size without a rank", "both or none");
    if (world) {
        RankChoice choice{.rank = rank.value_or(0), .world = *world, .why = ""};
        choice.why = text_of(choice) + ": as asked";
        if (choice.rank >= choice.world) refuse(base::Code::usage, text_of(choice), "a rank below the world size");
        return choice;
    }
    std::optional<RankChoice> chosen;
    for (const Launcher& launcher : launchers) {
        const auto other = choice_of(launcher, environment);
        if (!other) continue;
        if (chosen && (chosen->rank != other->rank || chosen->world != other->world))
            refuse(base::Code::config, chosen->why + "; " + other->why, "launchers that agree");
        if (!chosen) chosen = other;
    }
    return chosen.value_or(RankChoice{.rank = 0, .world = 1, .why = "rank 0 of 1: no launcher"});
}

}  // namespace embedloom::run
