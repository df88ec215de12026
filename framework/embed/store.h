// How results are written to memory.
#pragma once

#include <cstdint>

namespace embedloom::embed {

enum class Store : std::uint8_t {
    cached,    ///< through the caches: for results that are read again at once
    streaming  ///< past the caches, which keep the tables instead: for tensors larger than a cache
};

}  // namespace embedloom::embed
