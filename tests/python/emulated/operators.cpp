// Operators of the emulated accelerator: memory and copies here, all else worked out by PyTorch on the CPU, where devices do not mix.
#include <ATen/EmptyTensor.h>
#include <ATen/core/Tensor.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/set_native.h>
#include <ATen/ops/unfold_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include <optional>
#include <vector>

#include "memory.h"
#include "operators.h"

namespace emulated {

at::Tensor as_host(const at::Tensor& tensor) {
    if (!tensor.is_privateuseone()) {
        return tensor;
    }
    const auto options = tensor.options().device(c10::kCPU).requires_grad(false);
    return at::for_blob(tensor.data_ptr(), tensor.sizes())
        .strides(tensor.strides())
        .deleter([tensor](void*) {})
        .options(options)
        .target_device(c10::Device(c10::kCPU))
        .make_tensor();
}

namespace {

constexpr c10::DispatchKeySet keys(c10::DispatchKey::PrivateUse1);

c10::DeviceGuard on(std::optional<c10::Device> device) { return c10::DeviceGuard(device.value_or(c10::Device(c10::DeviceType::PrivateUse1))); }

at::Tensor empty(c10::IntArrayRef sizes, std::optional<c10::ScalarType> type, std::optional<c10::Layout>, std::optional<c10::Device> device,
                 std::optional<bool>, std::optional<c10::MemoryFormat> format) {
    const auto there = on(device);
    return at::detail::empty_generic(sizes, &device_allocator(), keys, c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(c10::IntArrayRef sizes, c10::IntArrayRef strides, std::optional<c10::ScalarType> type, std::optional<c10::Layout>,
                         std::optional<c10::Device> device, std::optional<bool>) {
    const auto there = on(device);
    return at::detail::empty_strided_generic(sizes, strides, &device_allocator(), keys, c10::dtype_or_default(type));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
    if (!from.is_privateuseone() && from.numel() > 0) {
        ++counts().copies_in;
        counts().async_in += non_blocking && is_pinned(from.data_ptr());
    }
    if (to.numel() > 0) {
        as_host(to).copy_(as_host(from));
    }
    return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
    if (to.sizes() != from.sizes()) {
        to.resize_(from.sizes());
    }
    return copy_from(from, to, false);
}

/// A GPU cannot read the host's memory: numbers alone may be of the host.
void check_one_device(const c10::OperatorHandle& op, const std::vector<at::Tensor>& tensors) {
    std::optional<c10::Device> device;
    for (const auto& tensor : tensors) {
        if (!tensor.defined() || (tensor.is_cpu() && tensor.dim() == 0)) {
            continue;
        }
        TORCH_CHECK(!device || *device == tensor.device(), op.schema().name(), ": expected all tensors to be on the same device, but found ", *device,
                    " and ", tensor.device());
        device = tensor.device();
    }
}

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
    std::vector<at::Tensor> tensors;
    for (const auto& argument : torch::jit::last(*stack, op.schema().arguments().size())) {
        if (argument.isTensor()) {
            tensors.push_back(argument.toTensor());
        } else if (argument.isTensorList()) {
            const auto list = argument.toTensorVector();
            tensors.insert(tensors.end(), list.begin(), list.end());
        } else if (argument.isOptionalTensorList()) {
            for (const std::optional<at::Tensor>& tensor : argument.toOptionalTensorVector()) {
                tensors.push_back(tensor.value_or(at::Tensor()));
            }
        }
    }
    check_one_device(op, tensors);
    at::native::cpu_fallback(op, stack, true);
}

std::int64_t plain_attention(const at::Tensor&, const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, double, bool,
                             std::optional<double>, bool) {
    return 0;  // of matrix products: the fused ones are of real devices
}

TORCH_LIBRARY_IMPL(aten, PrivateUse1, library) {
    library.impl("empty.memory_format", &empty);
    library.impl("empty_strided", &empty_strided);
    library.impl("_copy_from", &copy_from);
    library.impl("_copy_from_and_resize", &copy_from_and_resize);
    library.impl("as_strided", &at::native::as_strided_tensorimpl);
    library.impl("view", static_cast<at::Tensor (*)(const at::Tensor&, c10::IntArrayRef)>(&at::native::view));
    library.impl("unfold", &at::native::unfold);
    library.impl("_reshape_alias", &at::native::_reshape_alias);
    library.impl("resize_", static_cast<const at::Tensor& (*)(const at::Tensor&, c10::IntArrayRef, std::optional<c10::MemoryFormat>)>(&at::native::resize_));
    library.impl("set_.source_Storage_storage_offset", &at::native::set_storage_cpu_);
    library.impl("set_.source_Tensor", &at::native::set_tensor_);
    library.impl("set_.source_Storage", static_cast<at::Tensor& (*)(at::Tensor&, at::Storage)>(&at::native::set_));
    library.impl("_fused_sdp_choice", &plain_attention);
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>()); }

}  // namespace
}  // namespace emulated
