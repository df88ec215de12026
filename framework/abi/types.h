/* The words of the plugin contract: texts, status codes, number types, places, and who may call what when.
 *
 * C11 and C++20, stdint and stddef only. Rules of every header in this folder:
 *   - Every struct that crosses starts with its size in bytes and only grows at its end. A reader uses the smaller of the
 *     two sizes; arrays of structs are walked by the size that their first element states.
 *   - Integers have fixed widths; enumerations are uint32_t; texts are pointer + length, UTF-8, without a final NUL.
 *   - Nothing is owned across the border: what a caller passes lives until the call returns unless said otherwise, and
 *     what an instance shows (facts, views) lives until the instance is destroyed.
 *   - No exception and no longjmp may cross.
 *
 * Thread tags, used on every function:
 *   [main]        one thread at a time for one instance; never at the same time as any other call on it
 *   [any-thread]  any thread, many calls at once on one instance, if the stage says EL_PURE
 *   [serial]      any thread, but never two calls at once on one instance
 */
#ifndef EMBEDLOOM_ABI_TYPES_H
#define EMBEDLOOM_ABI_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* UTF-8 text (or bytes where said so): borrowed, not NUL-terminated. data may be NULL only when size is 0. */
typedef struct el_text {
    const char* data;
    uint64_t size;
} el_text;

/* 0 or why a call failed. The numbers are those of sysexits.h: the program exits with them. */
typedef int32_t el_status;
enum {
    EL_OK = 0,
    EL_BAD_DATA = 65,      /* a record, tokenizer, table: input that is wrong in every run */
    EL_NO_INPUT = 66,      /* a file that is not there */
    EL_INTERNAL = 70,      /* a bug of the plugin */
    EL_RESOURCES = 71,     /* memory, descriptors; also: a writer's reserve() returned NULL */
    EL_CANNOT_CREATE = 73, /* an output that cannot be made */
    EL_IO = 74,            /* the machine failed while reading or writing */
    EL_PERMISSION = 77,    /* not allowed */
    EL_BAD_CONFIG = 78,    /* parameters that are refused */
    EL_CANCELLED = 130     /* the run is being stopped */
};

/* Types of numbers in columns, tables and tensors. All little-endian. */
typedef uint32_t el_dtype;
enum {
    EL_U8 = 1,
    EL_I32 = 2,
    EL_U32 = 3,
    EL_I64 = 4,
    EL_U64 = 5,
    EL_F16 = 6,
    EL_BF16 = 7,
    EL_F32 = 8,
    EL_F64 = 9
};

#define EL_NONE UINT32_MAX     /* "no token", "no record", "no limit" in 32 bits */
#define EL_NO_PLACE UINT64_MAX /* "not known" for a byte, line or column */

/* One mistake, as a plugin tells it. Zero-sized texts and EL_NO_PLACE are left out of messages. */
typedef struct el_problem {
    uint32_t size;
    el_status code;
    uint32_t record; /* which item of the call it belongs to, or EL_NONE for the call itself */
    uint32_t reserved;
    uint64_t byte;     /* offset in `source`, from 0 */
    uint64_t line;     /* from 1 */
    uint64_t column;   /* from 1, in characters */
    el_text source;    /* the file */
    el_text parameter; /* configure: the name of the parameter that is wrong */
    el_text found;     /* "0", "a Git-LFS pointer" */
    el_text expected;  /* "an integer from 1" */
    el_text hint;      /* what to do */
} el_problem;

/* Where a call tells what is wrong, as often as it likes. add() copies; it may be called only during the call. */
typedef struct el_problems {
    uint32_t size;
    uint32_t reserved;
    void* host;
    void (*add)(void* host, const el_problem* problem);
} el_problems;

/* How results leave a call: columns of bytes that the host owns and lets grow.
 * reserve: room for `bytes` more at the end of the column, aligned for the column's type; valid until the next reserve of
 *          the same column. NULL when the host's limit is reached: return EL_RESOURCES.
 * commit:  the first `bytes` of what was reserved are now part of the column. */
typedef struct el_writer {
    uint32_t size;
    uint32_t column_count;
    void* host;
    void* (*reserve)(void* host, uint32_t column, uint64_t bytes);
    el_status (*commit)(void* host, uint32_t column, uint64_t bytes);
} el_writer;

#endif
