// Stages of the lying plugins for the tests, and what a call is refused for.
#pragma once

#include <embedloom/host/registry.h>
#include <embedloom/host/stage.h>

#include <string>

#include "support/catch.hpp"

namespace liars {

using namespace embedloom;
using namespace embedloom::host;

inline Registry& registry() {
    static Registry all(std::vector{Folder{EMBEDLOOM_BAD_PLUGIN_FOLDER, "the test"}});
    return all;
}

inline std::shared_ptr<Instance> make(el_kind kind, const std::string& lie, Services& services) {
    return Instance::make({registry().find(kind, "liar"), std::string(kind_name(kind)), {lie}, 2}, services);
}

/// What the plugin was caught at; every outcome must name plugin and stage.
inline std::string caught(const Outcome& outcome) {
    REQUIRE(outcome.status == EL_INTERNAL);
    REQUIRE(outcome.problems.size() == 1);
    const base::Error& error = outcome.problems[0].error;
    CHECK(error.code == base::Code::internal);
    CHECK_FALSE(error.plugin.empty());
    CHECK_FALSE(error.stage.empty());
    CHECK_FALSE(error.expected.empty());
    return error.found;
}

/// The one error that `body` throws.
template <class Body>
base::Error thrown(const Body& body) {
    try {
        body();
    } catch (const base::Failure& failure) {
        return failure.first();
    }
    FAIL("nothing was thrown");
    return {};
}

}  // namespace liars
