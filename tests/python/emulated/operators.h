// A tensor of the emulated accelerator as one of the host, for who does its work there.
#pragma once

#include <ATen/core/Tensor.h>

namespace emulated {

/// The same memory, kept as long as what is given; a tensor of the host as it is.
at::Tensor as_host(const at::Tensor& tensor);

}  // namespace emulated
