// How failures cross into Python: every base::Failure becomes an embedloom.Error with the same attributes.
#pragma once

#include <embedloom/base/error.h>
#include <nanobind/nanobind.h>

namespace embedloom::python {

/// What stands for "no place" in a config that Python made: its lines mean nothing to the person who wrote the dict.
enum class Places { keep, drop };

/// The failure as a Python user should read it: `--set` becomes "overrides", a made-up config has no lines.
base::Failure for_python(const base::Failure& failure, const std::string& config, Places places);

/// Adds set_error_maker and the translation of failures to the module.
void bind_errors(nanobind::module_& module);

}  // namespace embedloom::python
