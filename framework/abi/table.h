/* Tables: rows of numbers, one for each id. */
#ifndef EMBEDLOOM_ABI_TABLE_H
#define EMBEDLOOM_ABI_TABLE_H

#include "types.h"

/* A matrix [rows, width] in memory (mapped where possible), row r at data + r * stride, at any alignment. A vector is one
 * row. Lives as long as the instance. */
typedef struct el_table_view {
    uint32_t size;
    el_dtype dtype; /* EL_F32, EL_F16 or EL_BF16 */
    const void* data;
    uint64_t rows;
    uint64_t stride; /* bytes */
    uint32_t width;
    uint32_t reserved;
} el_table_view;

/* view     [main] after configure
 * finite   [main] looks at every value: EL_BAD_DATA with the first row and column that is not finite */
typedef struct el_table_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*view)(void* instance, el_table_view* out);
    el_status (*finite)(void* instance, const el_problems* problems);
} el_table_functions;

#endif
