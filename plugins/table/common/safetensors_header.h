// Reading of a safetensors header, as hostile input.
#pragma once

#include <span>
#include <string_view>

#include "matrix.h"

namespace embedloom::plugins {

/// Where tensor `name` is in a safetensors file. All of the header is checked first, as the format's text demands: size at
/// most 100,000,000 bytes, one JSON object, no name twice, known types, offsets that cover the data from 0 without hole or
/// overlap, sizes that match shapes. Throws sdk::Error with byte and field (EL_BAD_DATA), or EL_BAD_CONFIG when the file has
/// no such tensor (the hint lists what it has) or its type is not float32, float16 or bfloat16.
/// Source: the format page of huggingface/safetensors.
TensorPlace find_tensor(std::span<const std::byte> file, std::string_view name, const std::string& where);

}  // namespace embedloom::plugins
