// Translates both ways between the contract's problems and the one error type.
#include <embedloom/host/problem_text.h>

#include <embedloom/host/kind.h>

#include <algorithm>
#include <cstring>

namespace embedloom::host {

namespace {

constexpr std::uint64_t longest_text = 4096;  // of a message: what is longer helps nobody

std::string copied(el_text text) {
    return std::string(view_of(text).substr(0, longest_text));
}

}  // namespace

bool is_known_status(el_status status) {
    constexpr el_status known[] = {EL_OK,      EL_BAD_DATA, EL_NO_INPUT,   EL_INTERNAL,   EL_RESOURCES, EL_CANNOT_CREATE,
                                   EL_IO,      EL_PERMISSION, EL_BAD_CONFIG, EL_CANCELLED};
    return std::ranges::find(known, status) != std::end(known);
}

base::Code code_of(el_status status) {
    return is_known_status(status) && status != EL_OK ? static_cast<base::Code>(status) : base::Code::internal;
}

bool is_fault(el_status status) {
    return status == EL_INTERNAL || status == EL_RESOURCES || status == EL_IO || status == EL_CANCELLED ||
           status == EL_CANNOT_CREATE || status == EL_PERMISSION || !is_known_status(status);
}

ReadProblem read_problem(const el_problem* problem) {
    el_problem known{.record = EL_NONE, .byte = EL_NO_PLACE, .line = EL_NO_PLACE, .column = EL_NO_PLACE};
    if (problem) std::memcpy(&known, problem, std::min<std::size_t>(problem->size, sizeof known));
    ReadProblem out;
    out.record = known.record;
    out.parameter = copied(known.parameter);
    out.error = {.code = code_of(known.code), .source = copied(known.source), .byte = known.byte, .line = known.line,
                 .column = known.column, .found = copied(known.found), .expected = copied(known.expected),
                 .hint = copied(known.hint)};
    return out;
}

void tell(const el_problems* problems, const base::Error& error) {
    if (!problems || !problems->add) return;
    const std::string found = error.cause.empty() ? error.found : error.found + " (" + error.cause + ")";
    const el_problem problem{sizeof(el_problem), static_cast<el_status>(error.code), EL_NONE, 0, error.byte, error.line,
                             error.column, text_of(error.source), {nullptr, 0}, text_of(found), text_of(error.expected),
                             text_of(error.hint)};
    problems->add(problems->host, &problem);
}

}  // namespace embedloom::host
