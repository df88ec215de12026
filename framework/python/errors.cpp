// Translation of failures. The exception classes are Python's (embedloom/errors.py); this room only fills them.
#include <embedloom/base/system_error.h>
#include <embedloom/python/errors.h>
#include <nanobind/stl/string.h>

#include <system_error>

namespace embedloom::python {

namespace nb = nanobind;

namespace {

/// The function of errors.py that makes an exception of a list of dicts; never freed, as the interpreter may be gone.
PyObject* maker = nullptr;

nb::object place_of(std::uint64_t number) { return number == base::no_place ? nb::none() : nb::object(nb::int_(number)); }

/// Text that is not UTF-8 (a path, a piece of data) must not hide the error it is part of.
nb::object text_of(const std::string& text) {
    return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
}

nb::dict dict_of(const base::Error& error) {
    nb::dict out;
    out["code"] = static_cast<int>(error.code);
    out["stage"] = text_of(error.stage);
    out["plugin"] = text_of(error.plugin);
    out["file"] = text_of(error.source);
    out["byte"] = place_of(error.byte);
    out["line"] = place_of(error.line);
    out["column"] = place_of(error.column);
    out["key_path"] = text_of(error.key_path);
    out["found"] = text_of(error.found);
    out["expected"] = text_of(error.expected);
    out["hint"] = text_of(error.hint);
    out["cause"] = text_of(error.cause);
    out["text"] = text_of(base::one_line(error));
    return out;
}

/// What is said to a flag of the program is said here to an argument.
base::Error in_python_words(base::Error error) {
    constexpr std::string_view flag = "--accept-changed-data", argument = "load_state_dict(state, accept_changed_data=True)";
    if (const std::size_t at = error.hint.find(flag); at != std::string::npos) error.hint.replace(at, flag.size(), argument);
    return error;
}

void raise(const base::Failure& failure) {
    nb::list mistakes;
    for (const base::Error& error : failure.errors()) mistakes.append(dict_of(in_python_words(error)));
    const nb::object exception = nb::handle(maker)(mistakes);
    PyErr_SetObject(exception.type().ptr(), exception.ptr());
}

void translate(const std::exception_ptr& pointer, void*) {
    try {
        std::rethrow_exception(pointer);
    } catch (const base::Failure& failure) {
        raise(failure);
    } catch (const std::system_error& error) {
        raise(base::Failure(base::error_of(error)));
    }
}

}  // namespace

base::Failure for_python(const base::Failure& failure, const std::string& config, Places places) {
    std::vector<base::Error> errors = failure.errors();
    for (base::Error& error : errors) {
        if (error.source.starts_with("--set ")) error.source = "overrides: " + error.source.substr(6);
        if (error.found.starts_with("--plugin-path ")) error.found = "plugin_folders: " + error.found.substr(14);
        if (places == Places::keep || error.source != config) continue;
        error.source.clear();
        error.line = error.column = base::no_place;
    }
    return base::Failure(std::move(errors));
}

void bind_errors(nb::module_& module) {
    module.def("set_error_maker", [](nb::callable function) { maker = function.release().ptr(); },
               "Says which function makes an exception of a list of mistakes.");
    nb::register_exception_translator(translate, nullptr);
}

}  // namespace embedloom::python
