/* The generator as a C plugin compiles it, so that the test can hold C and C++ side by side. */
#include <embedloom/abi/philox.h>

#include "philox_c.h"

uint64_t c_below(uint64_t seed, uint64_t id, uint32_t index, uint64_t bound) {
    const el_key key = el_key_for(seed, 3, id, 5);
    return el_below(&key, 1, &index, bound);
}
