/* Objectives: what the model is to predict. Changed ids, labels and masks, as columns that the stage declares. */
#ifndef EMBEDLOOM_ABI_OBJECTIVE_H
#define EMBEDLOOM_ABI_OBJECTIVE_H

#include "philox.h"
#include "types.h"

typedef struct el_objective_facts {
    uint32_t size;
    uint32_t needs_words; /* 1: the calls need `words` */
} el_objective_facts;

/* Rows laid end to end; row r has tokens [row_ends[r - 1], row_ends[r]). */
typedef struct el_objective_call {
    uint32_t size;
    uint32_t reserved;
    uint64_t row_count;
    const uint64_t* row_ends;
    const uint32_t* ids;
    const uint8_t* special; /* 1: a token of the template, or one whose id is special: never a target */
    const uint32_t* words;  /* word number of a token; equal numbers at neighbours of one row are one word; EL_NONE: none */
    const el_key* keys;     /* one a row */
} el_objective_call;

/* Columns of apply: 0 is the changed ids (uint32_t a token); 1 + c is declared column c, in its dtype, along its axis. */
enum { EL_APPLY_IDS = 0 };
#define EL_APPLY_COLUMN(c) (1u + (c))

/* facts [main] after configure; apply [any-thread] */
typedef struct el_objective_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*facts)(void* instance, el_objective_facts* out);
    el_status (*apply)(void* instance, void* scratch, const el_objective_call* call, const el_writer* out,
                       const el_problems* problems);
} el_objective_functions;

#endif
