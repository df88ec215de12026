// Taking a batch over, copying it, giving it back.
#include <embedloom/python/lease.h>

#include <cstring>

namespace embedloom::python {

std::size_t Part::byte_count() const {
    std::size_t count = run::dtype_bytes(dtype);
    for (const std::size_t axis : shape) count *= axis;
    return count;
}

Lease::Lease(std::shared_ptr<SharedSession> session, const run::Batch& batch)
    : step(batch.step), rows(batch.rows), length(batch.length), repeats(batch.repeats),
      pads_left(batch.pad_side == run::PadSide::left), row_lengths(batch.row_lengths.begin(), batch.row_lengths.end()),
      origins(batch.origins.begin(), batch.origins.end()), session_(std::move(session)), slot_(batch.slot),
      generation_(session_->generation()) {
    parts.reserve(batch.tensors.size());
    for (const run::Tensor& tensor : batch.tensors)
        parts.push_back({tensor.name, tensor.dtype, {tensor.shape.begin(), tensor.shape.end()}, tensor.memory.share()});
    std::string_view from, kept;
    for (run::Origin& origin : origins) {
        if (origin.file.data() != from.data() || origin.file.size() != from.size()) {
            from = origin.file;
            kept = session_->keep(from);
        }
        origin.file = kept;
    }
}

Lease::~Lease() {
    if (!slot_) return;
    session_->give_back(*slot_, generation_);
}

std::shared_ptr<Lease> Lease::of(std::vector<Part> parts) {
    const std::shared_ptr<Lease> out(new Lease);
    out->parts = std::move(parts);
    return out;
}

std::shared_ptr<Lease> Lease::about() const {
    const std::shared_ptr<Lease> out(new Lease);
    out->step = step;
    out->rows = rows;
    out->length = length;
    out->repeats = repeats;
    out->pads_left = pads_left;
    out->row_lengths = row_lengths;
    out->origins = origins;
    out->session_ = session_;
    return out;
}

std::shared_ptr<Lease> Lease::copy() const {
    const std::shared_ptr<Lease> out = about();
    for (const Part& part : parts) {
        run::Memory memory;
        std::memcpy(memory.require(std::max<std::size_t>(1, part.byte_count())), part.bytes.get(), part.byte_count());
        out->parts.push_back({part.name, part.dtype, part.shape, memory.share()});
    }
    return out;
}

std::optional<std::uint32_t> Lease::find(std::string_view name) const {
    for (std::uint32_t i = 0; i < parts.size(); ++i)
        if (parts[i].name == name) return i;
    return std::nullopt;
}

}  // namespace embedloom::python
