// Checks of results that no kind has to itself.
#include <embedloom/host/check.h>

#include <embedloom/host/kind.h>

namespace embedloom::host {

std::optional<Breach> check_ends(std::span<const std::uint64_t> ends, std::uint64_t total, const char* what) {
    std::uint64_t before = 0;
    bool is_bad = false;
    for (const std::uint64_t end : ends) {
        is_bad |= end < before;
        before = end;
    }
    if (is_bad) return Breach{std::string("ends of ") + what + " that descend", "ends that ascend"};
    if (before == total) return std::nullopt;
    return Breach{std::string("ends of ") + what + " up to " + std::to_string(before), std::to_string(total)};
}

const void* functions_of(const Instance& instance, el_kind kind) {
    if (instance.stage().kind != kind) {
        base::Error error = instance.error(base::Code::internal);
        error.found = "a stage of kind " + std::string(kind_name(instance.stage().kind));
        error.expected = "one of kind " + std::string(kind_name(kind));
        throw base::Failure(std::move(error));
    }
    return instance.stage().functions;
}

}  // namespace embedloom::host
