// Runs a test's body once with each instruction set of this machine.
#pragma once

#include <embedloom/embed/instruction_sets.h>

#include "support/catch.hpp"

namespace embedloom::test {

template <class Body>
void with_each_instruction_set(Body body) {
    for (const std::string& name : embed::instruction_sets()) {
        INFO("instruction set " << name);
        embed::use_instruction_set(name);
        body();
    }
    embed::use_instruction_set(embed::instruction_sets().front());
}

}  // namespace embedloom::test
