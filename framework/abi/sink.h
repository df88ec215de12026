/* Sinks: batches to files, in order. A batch is on disk whole or not at all. */
#ifndef EMBEDLOOM_ABI_SINK_H
#define EMBEDLOOM_ABI_SINK_H

#include "types.h"

/* C-contiguous, 64-byte aligned, borrowed for the call. */
typedef struct el_tensor {
    uint32_t size;
    el_dtype dtype;
    el_text name;
    const uint64_t* shape;
    const void* data;
    uint32_t rank;
    uint32_t reserved;
} el_tensor;

/* Where a row came from. */
typedef struct el_origin {
    el_text file;
    uint64_t byte;   /* in the file, unpacked */
    uint64_t record; /* its id */
    uint64_t epoch;
} el_origin;

typedef struct el_batch {
    uint32_t size;
    uint32_t tensor_count;
    const el_tensor* tensors;
    uint64_t step;
    uint32_t row_count;
    uint32_t pad_left;           /* 1: pads stand before the tokens */
    const uint32_t* row_lengths; /* tokens of each row without pads */
    const el_origin* origins;    /* one a row */
} el_batch;

/* Flag of el_run_facts: the run goes on from a state, maybe one of step 0, so that what the folder holds is its own. */
#define EL_RUN_RESUMES 1u

typedef struct el_run_facts {
    uint32_t size;
    uint32_t rank;
    uint32_t world;
    uint32_t flags;
    el_text fingerprint;
    uint64_t first_step; /* 0, or the step a run resumes at: what later steps left behind is removed */
} el_run_facts;

/* open  [serial] before the first batch; makes the folder; refuses one that holds another run's output
 * write [serial] in order of steps
 * close [serial] after the last batch of a run that came to its end: the manifest */
typedef struct el_sink_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*open)(void* instance, const el_run_facts* run, const el_problems* problems);
    el_status (*write)(void* instance, const el_batch* batch, const el_problems* problems);
    el_status (*close)(void* instance, const el_problems* problems);
} el_sink_functions;

#endif
