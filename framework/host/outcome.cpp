// A failed call as an exception, for callers that cannot go on.
#include <embedloom/host/outcome.h>

namespace embedloom::host {

void Outcome::or_throw() const {
    if (status == EL_OK) return;
    std::vector<base::Error> errors;
    for (const Problem& problem : problems) errors.push_back(problem.error);
    if (errors.empty()) errors.push_back({.code = static_cast<base::Code>(status), .found = "a call that was stopped"});
    throw base::Failure(std::move(errors));
}

}  // namespace embedloom::host
