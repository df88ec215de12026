// A batch in Python's hands: its memory goes back to the session when the last array of it dies.
#pragma once

#include <embedloom/python/shared_session.h>
#include <nanobind/nanobind.h>

#include <optional>
#include <string_view>

namespace embedloom::python {

/// One tensor of a batch, whose bytes live as long as this does, whatever becomes of the session.
struct Part {
    std::string name;
    el_dtype dtype = EL_I64;
    std::vector<std::size_t> shape;
    std::shared_ptr<std::byte> bytes;

    std::size_t byte_count() const;
};

/// Holds a batch slot; a copy holds memory of its own and no slot.
class Lease {
  public:
    /// For the holder of the session's `use`.
    Lease(std::shared_ptr<SharedSession> session, const run::Batch& batch);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    /// Tensors of no batch.
    static std::shared_ptr<Lease> of(std::vector<Part> parts);

    /// The same batch in fresh memory. Throws base::Failure (resources).
    std::shared_ptr<Lease> copy() const;
    /// The same batch without its tensors, and so without a slot: what is known of its rows.
    std::shared_ptr<Lease> about() const;

    std::uint64_t step = 0;
    std::uint32_t rows = 0, length = 0, repeats = 0;
    bool pads_left = false;
    std::vector<std::uint32_t> row_lengths;
    std::vector<run::Origin> origins;  ///< their files are kept by the session
    std::vector<Part> parts;

    std::optional<std::uint32_t> find(std::string_view name) const;

  private:
    Lease() = default;
    std::shared_ptr<SharedSession> session_;
    std::optional<std::uint32_t> slot_;
    std::uint64_t generation_ = 0;
};

/// Adds the classes Lease and Array to the module.
void bind_batches(nanobind::module_& module);

}  // namespace embedloom::python
