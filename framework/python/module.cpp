// The extension module embedloom._core: what the Python files of the package stand on. Not for users.
#include <embedloom/python/bindings.h>
#include <embedloom/python/lease.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace embedloom::python {

namespace nb = nanobind;

void bind_opening(nb::module_& module) {
    nb::class_<Opening>(module, "Opening", "A config and what a caller adds to it.")
        .def(nb::init<>())
        .def(nb::init<const Opening&>())
        .def_rw("config", &Opening::config)
        .def_rw("text", &Opening::text)
        .def_rw("is_made", &Opening::is_made)
        .def_rw("folder", &Opening::folder)
        .def_rw("home", &Opening::home)
        .def_rw("sets", &Opening::sets)
        .def_rw("plugin_folders", &Opening::plugin_folders)
        .def_rw("threads", &Opening::threads)
        .def_rw("steps", &Opening::steps)
        .def_rw("rank", &Opening::rank)
        .def_rw("world_size", &Opening::world_size)
        .def_rw("state", &Opening::state)
        .def_rw("fingerprint", &Opening::fingerprint)
        .def_rw("accept_changed_data", &Opening::accept_changed_data)
        .def("lend", [](Opening& self, const Records& records) { self.records = records.lent; }, "Sessions opened with this read these records.")
        .def_prop_ro("has_loan", [](const Opening& self) { return self.records != nullptr; })
        .def("end_loan", [](Opening& self) { self.records.reset(); }, "Sessions that are open keep what they were lent.");
}

}  // namespace embedloom::python

NB_MODULE(_core, module) {
    using namespace embedloom::python;
    module.attr("version") = EMBEDLOOM_VERSION;
    // At the interpreter's end some arrays may still live; their memory is the system's to take.
    nanobind::set_leak_warnings(false);
    bind_errors(module);
    bind_records(module);
    bind_opening(module);
    bind_batches(module);
    bind_sessions(module);
    bind_encoders(module);
}
