// The class Records of the module: a table that lives in Python, by the capsule of its Arrow C stream.
#include <embedloom/python/bindings.h>
#include <embedloom/python/no_gil.h>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

/// Reads the stream without the GIL: whoever fills it takes it where it runs Python, perhaps on other threads that would wait for us.
Records take(const nb::object& table) {
    const nb::object capsule = table.attr("__arrow_c_stream__")();
    auto* const stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
    if (!stream) throw nb::python_error();
    const NoGil no_gil;
    return {run::LentRecords::take(*stream)};
}

}  // namespace

void bind_records(nb::module_& module) {
    nb::class_<Records>(module, "Records", "The chunks of a table in memory.");
    module.def("take_records", &take, nb::arg("table"), nb::sig("def take_records(table: typing.Any) -> Records"),
               "Reads the table's Arrow C stream to its end; the chunks are held, not copied.");
}

}  // namespace embedloom::python
