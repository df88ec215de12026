/* Segment strategies: how the tokens of records become rows. The result is a plan; the host moves the tokens. */
#ifndef EMBEDLOOM_ABI_SEGMENT_H
#define EMBEDLOOM_ABI_SEGMENT_H

#include "philox.h"
#include "types.h"

/* Each record makes exactly one row or is bad; which of these depends on its lengths alone, in every epoch, and its row on it and its key. */
enum { EL_ROW_PER_RECORD = 1 };

typedef struct el_segment_facts {
    uint32_t size;
    uint32_t flags;
    uint32_t field_count;    /* text fields it reads, */
    uint32_t max_length;     /* tokens of the longest row it makes */
    uint32_t segment_ids;    /* its segment ids are 0 .. segment_ids - 1; at most 65536 */
    uint32_t window_rows;    /* rows a window should have to serve it well; 1 when rows do not meet */
    const el_text* fields;   /* by name, */
    const uint32_t* wanted;  /* with the tokens of each that matter at most; EL_NONE: all */
} el_segment_facts;

/* lengths: tokens of field f of record r at [r * field_count + f]; EL_NONE where the record lacks the field. */
typedef struct el_segment_call {
    uint32_t size;
    uint32_t field_count;
    uint64_t record_count;
    const uint32_t* lengths;
    const el_key* keys; /* one a record */
} el_segment_call;

#define EL_LITERAL UINT32_MAX

/* A run of tokens of a row: tokens [begin, end) of a field of a record, or (field EL_LITERAL) the one token `begin`, a
 * special token. `record` is set for both. */
typedef struct el_piece {
    uint32_t field;
    uint32_t record;
    uint32_t begin;
    uint32_t end;
    uint32_t segment; /* what token_type_ids says */
    uint32_t reserved;
} el_piece;

/* Columns of plan. */
enum {
    EL_PLAN_PIECES = 0, /* el_piece, row after row */
    EL_PLAN_ROWS = 1,   /* uint64_t a row: pieces up to and with it; without EL_ROW_PER_RECORD one at least */
    EL_PLAN_CODES = 2   /* el_status a record: 0, or why no row can be made of it; a problem tells more */
};

/* facts [main] after configure
 * plan  [any-thread]
 * count [any-thread] how many rows plan would make */
typedef struct el_segment_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*facts)(void* instance, el_segment_facts* out);
    el_status (*plan)(void* instance, void* scratch, const el_segment_call* call, const el_writer* out,
                      const el_problems* problems);
    el_status (*count)(void* instance, void* scratch, const el_segment_call* call, uint64_t* rows);
} el_segment_functions;

#endif
