// C++ work without Python's lock, and who is in such work when the interpreter ends.
#pragma once

#include <nanobind/nanobind.h>

#include <chrono>
#include <optional>

namespace embedloom::python {

/// The GIL is let go while this lives. At the interpreter's end it is kept: a thread that came back for it after that would be
/// ended by Python in the middle of C++, and the program with it. With the GIL.
class NoGil {
  public:
    NoGil();
    ~NoGil();
    NoGil(const NoGil&) = delete;
    NoGil& operator=(const NoGil&) = delete;

    /// Whether end_of_interpreter() was called.
    static bool is_the_end();

  private:
    std::optional<nanobind::gil_scoped_release> released_;
};

/// From now on nobody lets go of the GIL; waits until all who did have it again, at most so long. With the GIL.
void end_of_interpreter(std::chrono::milliseconds time);

}  // namespace embedloom::python
