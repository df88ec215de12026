// The classes Lease and Array: a batch's arrays by DLPack and the buffer protocol, without a copy.
#include <embedloom/python/lease.h>
#include <embedloom/python/no_gil.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

/// One tensor of a batch. Keeps the batch.
struct Array {
    std::shared_ptr<Lease> lease;
    std::uint32_t index;

    const Part& part() const { return lease->parts[index]; }
};

nb::dlpack::dtype dtype_of(el_dtype dtype) {
    using Code = nb::dlpack::dtype_code;
    const auto bits = static_cast<std::uint8_t>(run::dtype_bytes(dtype) * 8);
    const Code code = dtype == EL_BF16                                        ? Code::Bfloat
                      : dtype == EL_F16 || dtype == EL_F32 || dtype == EL_F64 ? Code::Float
                      : dtype == EL_I32 || dtype == EL_I64                    ? Code::Int
                                                                              : Code::UInt;
    return {static_cast<std::uint8_t>(code), bits, 1};
}

/// nanobind's own array object over the memory; `self` lives as long as it does.
nb::object exporter_of(nb::handle self) {
    const Part& part = nb::cast<const Array&>(self).part();
    const nb::ndarray<> view(part.bytes.get(), part.shape.size(), part.shape.data(), self, nullptr, dtype_of(part.dtype));
    return nb::cast(nb::ndarray<nb::array_api>(view));
}

nb::object dlpack(nb::handle self, const nb::kwargs& arguments) { return exporter_of(self).attr("__dlpack__")(**arguments); }

int get_buffer(PyObject* self, Py_buffer* view, int flags) noexcept {
    view->obj = nullptr;
    try {
        if (nb::cast<const Array&>(nb::handle(self)).part().dtype == EL_BF16) {
            PyErr_SetString(PyExc_BufferError, "bfloat16 has no buffer format: use DLPack (torch.from_dlpack), or .numpy() with ml_dtypes installed");
            return -1;
        }
        return PyObject_GetBuffer(exporter_of(self).ptr(), view, flags);  // the view then belongs to the exporter
    } catch (nb::python_error& error) {
        error.restore();
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_BufferError, error.what());
    }
    return -1;
}

nb::object shape_of(const Array& self) {
    nb::list axes;
    for (const std::size_t axis : self.part().shape) axes.append(axis);
    return nb::tuple(axes);
}

/// The bits of a bfloat16 array as uint16: what ml_dtypes reads.
nb::object bits_of(nb::handle self) {
    const Part& part = nb::cast<const Array&>(self).part();
    const nb::ndarray<> view(part.bytes.get(), part.shape.size(), part.shape.data(), self, nullptr, nb::dtype<std::uint16_t>());
    return nb::cast(nb::ndarray<nb::array_api>(view));
}

nb::object numpy_of(nb::handle self) { return nb::module_::import_("embedloom.arrays").attr("numpy_of")(self); }

nb::object array_of(nb::handle self, nb::object dtype, nb::object copy) {
    return nb::module_::import_("embedloom.arrays").attr("array_of")(self, dtype, copy);
}

std::string repr_of(const Array& self) {
    const Part& part = self.part();
    std::string axes;
    for (const std::size_t axis : part.shape) axes += (axes.empty() ? "" : ", ") + std::to_string(axis);
    return "<" + part.name + ": " + run::dtype_name(part.dtype) + " [" + axes + "]>";
}

void bind_array(nb::module_& module) {
    PyType_Slot slots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(&get_buffer)}, {0, nullptr}};
    nb::class_<Array>(module, "Array", nb::type_slots(slots), "One tensor of a batch; DLPack and the buffer protocol give it without a copy.")
        .def("__dlpack__", &dlpack, nb::sig("def __dlpack__(self, **kwargs: typing.Any) -> typing.Any"))
        .def("__dlpack_device__", [](const Array&) { return nb::make_tuple(1, 0); }, nb::sig("def __dlpack_device__(self) -> tuple[int, int]"))
        .def("bits", &bits_of, nb::sig("def bits(self) -> typing.Any"))
        .def("numpy", &numpy_of, nb::sig("def numpy(self) -> typing.Any"), "The same memory as a numpy array; bfloat16 needs ml_dtypes.")
        .def("__array__", &array_of, nb::arg("dtype") = nb::none(), nb::arg("copy") = nb::none(),
             nb::sig("def __array__(self, dtype: typing.Any = None, copy: bool | None = None) -> typing.Any"))
        .def("__repr__", &repr_of)
        .def("__len__", [](const Array& self) { return self.part().shape.front(); })
        .def_prop_ro("name", [](const Array& self) { return self.part().name; })
        .def_prop_ro("dtype", [](const Array& self) { return run::dtype_name(self.part().dtype); }, "\"int64\", \"bfloat16\", ...")
        .def_prop_ro("shape", &shape_of, nb::sig("def shape(self) -> tuple[int, ...]"))
        .def_prop_ro("nbytes", [](const Array& self) { return self.part().byte_count(); });
}

nb::object origins_of(const Lease& lease) {
    nb::list out;
    for (const run::Origin& origin : lease.origins) {
        const auto file = nb::steal(PyUnicode_DecodeFSDefaultAndSize(origin.file.data(), static_cast<Py_ssize_t>(origin.file.size())));
        const nb::object row = origin.row ? nb::object(nb::int_(*origin.row)) : nb::none();
        out.append(nb::make_tuple(file, origin.byte, origin.record, origin.epoch, row));
    }
    return out;
}

nb::object names_of(const Lease& lease) {
    nb::list out;
    for (const Part& part : lease.parts) out.append(part.name);
    return out;
}

}  // namespace

void bind_batches(nb::module_& module) {
    bind_array(module);
    nb::class_<Lease>(module, "Lease", "A batch's memory and what is known of its rows.")
        .def("array",
             [](const std::shared_ptr<Lease>& self, const std::string& name) -> std::optional<Array> {
                 const auto index = self->find(name);
                 return index ? std::optional(Array{self, *index}) : std::nullopt;
             })
        .def("names", &names_of, nb::sig("def names(self) -> list[str]"))
        .def("copy", &Lease::copy, nb::call_guard<NoGil>())
        .def("about", &Lease::about)
        .def("origins", &origins_of, nb::sig("def origins(self) -> list[tuple[str, int, int, int, int | None]]"))
        .def_ro("step", &Lease::step)
        .def_ro("rows", &Lease::rows)
        .def_ro("length", &Lease::length)
        .def_ro("repeats", &Lease::repeats)
        .def_ro("pads_left", &Lease::pads_left)
        .def_ro("row_lengths", &Lease::row_lengths);
}

}  // namespace embedloom::python
