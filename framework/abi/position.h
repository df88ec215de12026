/* Positions: what a position number means. */
#ifndef EMBEDLOOM_ABI_POSITION_H
#define EMBEDLOOM_ABI_POSITION_H

#include "types.h"

/* What the stage makes. More forms follow the same way: only vectors can be summed into an embedding. */
enum {
    EL_POSITION_NOTHING = 1, /* position ids only */
    EL_POSITION_VECTORS = 2  /* a float32 vector [D] for each position id, to add */
};

typedef struct el_position_facts {
    uint32_t size;
    uint32_t form;
    uint32_t width;         /* D where the stage fixes it; 0: any */
    uint32_t reserved;
    uint64_t max_positions; /* position ids must be below; UINT64_MAX: any */
} el_position_facts;

/* facts     [main] after configure
 * configure_width [main] after facts, when width is 0: the D of this pipeline; a problem when it cannot be. May be NULL.
 * encode    [any-thread] vectors of `count` position ids into out [count, width], row after row */
typedef struct el_position_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*facts)(void* instance, el_position_facts* out);
    el_status (*configure_width)(void* instance, uint32_t width, const el_problems* problems);
    el_status (*encode)(void* instance, const int64_t* ids, uint64_t count, uint32_t width, float* out,
                        const el_problems* problems);
} el_position_functions;

#endif
