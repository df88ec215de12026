// Checks of a table's view.
#include <embedloom/host/table_stage.h>

#include <embedloom/base/checked.h>
#include <embedloom/host/check.h>
#include <embedloom/host/dtype.h>

namespace embedloom::host {

namespace {

std::optional<Breach> check_view(const el_table_view& view) {
    if (view.dtype != EL_F32 && view.dtype != EL_F16 && view.dtype != EL_BF16)
        return Breach{"dtype " + std::to_string(view.dtype), "float32, float16 or bfloat16"};
    if (!view.data || !view.rows || !view.width)
        return Breach{std::to_string(view.rows) + " rows of " + std::to_string(view.width), "at least one number"};
    const std::uint64_t row_bytes = view.width * dtype_bytes(view.dtype);
    if (view.stride < row_bytes)
        return Breach{"a stride of " + std::to_string(view.stride) + " bytes", "at least " + std::to_string(row_bytes)};
    const auto before_last = base::checked_multiply(view.rows - 1, view.stride);
    const auto bytes = before_last ? base::checked_add(*before_last, row_bytes) : std::nullopt;
    const auto end = bytes ? base::checked_add(*bytes, std::uint64_t{reinterpret_cast<std::uintptr_t>(view.data)}) : std::nullopt;
    if (!end) return Breach{std::to_string(view.rows) + " rows that fit no memory", "rows that are there"};
    return std::nullopt;
}

}  // namespace

TableStage::TableStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_table_functions*>(functions_of(*instance_, EL_KIND_TABLE))),
      view_(facts_of(*instance_, functions_->view)) {
    if (const auto breach = check_view(view_)) instance_->violation("view", breach->found, breach->expected).or_throw();
}

Outcome TableStage::finite() const {
    return instance_->call(Instance::Tag::main, [&](const el_problems* problems) {
        return functions_->finite(instance_->handle().instance, problems);
    });
}

}  // namespace embedloom::host
