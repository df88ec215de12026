// What a plugin declares, in the words of the config room.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/config/description.h>
#include <embedloom/host/registry.h>

namespace embedloom::run {

/// The stage's declaration and parameter table. [main]
config::StageDescription description_of(const el_stage& stage);

/// Every stage that the registry can give; loads their files. Files that turn out unfit are left out: they are in
/// registry.broken(), and asking for one by name says why. [main]
config::Catalogue catalogue_of(host::Registry& registry);

}  // namespace embedloom::run
