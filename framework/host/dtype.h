// The sizes of the contract's number types.
#pragma once

#include <embedloom/abi/types.h>

#include <cstdint>

namespace embedloom::host {

/// Bytes of one value; 0 for a number that is no dtype.
constexpr std::uint64_t dtype_bytes(el_dtype dtype) {
    switch (dtype) {
        case EL_U8: return 1;
        case EL_F16:
        case EL_BF16: return 2;
        case EL_I32:
        case EL_U32:
        case EL_F32: return 4;
        case EL_I64:
        case EL_U64:
        case EL_F64: return 8;
        default: return 0;
    }
}

}  // namespace embedloom::host
