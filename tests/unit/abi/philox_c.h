/* What philox_c.c shows to the test. */
#ifndef PHILOX_C_H
#define PHILOX_C_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
/* el_below under el_key_for(seed, 3, id, 5), stream 1, compiled as C11. */
uint64_t c_below(uint64_t seed, uint64_t id, uint32_t index, uint64_t bound);
#ifdef __cplusplus
}
#endif

#endif
