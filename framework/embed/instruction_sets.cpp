// Which instruction set the kernels run with: Highway's target masks behind names.
#include <embedloom/base/error.h>
#include <embedloom/embed/instruction_sets.h>
#include <hwy/highway.h>

namespace embedloom::embed {

namespace {

// The mask of what the machine really has: asking Highway later would answer with what a test has set.
const std::vector<std::int64_t>& targets() {
    static const std::vector<std::int64_t> all = hwy::SupportedAndGeneratedTargets();
    return all;
}

}  // namespace

std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
    for (const std::int64_t target : targets()) names.emplace_back(hwy::TargetName(target));
    return names;
}

void use_instruction_set(const std::string& name) {
    for (const std::int64_t target : targets()) {
        if (name != hwy::TargetName(target)) continue;
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
        return;
    }
    std::string have;
    for (const std::string& known : instruction_sets()) have += (have.empty() ? "" : ", ") + known;
    throw base::Failure(
        {.code = base::Code::usage, .found = "instruction set " + name, .expected = "one of " + have});
}

}  // namespace embedloom::embed
