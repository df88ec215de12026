/* Sources: where records start, and the records themselves.
 *
 * A source sees its files laid end to end: byte b of the source is byte b - begin of the file whose [begin, begin + bytes)
 * holds it. A record's id is the byte where it starts there. A record never crosses a file's end. */
#ifndef EMBEDLOOM_ABI_SOURCE_H
#define EMBEDLOOM_ABI_SOURCE_H

#include "types.h"

/* TOKENS: ids that are there already, so that no tokenizer is asked. */
enum { EL_FIELD_TEXT = 1, EL_FIELD_INTEGER = 2, EL_FIELD_NUMBER = 3, EL_FIELD_TOKENS = 4 };

/* A field that every record has. Names used by the framework: "text" and "pair" (TEXT), or in their place "input_ids" and
 * "pair_input_ids" (TOKENS); "label"; "row" (INTEGER): the record's number in a table, for who asks where a row came from. */
typedef struct el_field {
    uint32_t size;
    uint32_t type;
    el_text name;
} el_field;

typedef struct el_source_facts {
    uint32_t size;
    uint32_t field_count;
    const el_field* fields;
} el_source_facts;

enum {
    EL_FILE_DAMAGED = 1,  /* compressed, and only the good prefix is there: told by a problem too */
    EL_FILE_IN_MEMORY = 2 /* no file: records that were lent (see el_host), under a name for messages */
};

typedef struct el_source_file {
    uint32_t size;
    uint32_t flags;
    el_text path;   /* as the user knows it */
    uint64_t begin; /* in the source */
    uint64_t bytes; /* unpacked */
    el_text digest; /* of sampled content: what the fingerprint takes */
} el_source_file;

typedef struct el_extent {
    uint32_t size;
    uint32_t file_count;
    const el_source_file* files;
    uint64_t bytes; /* of the whole source */
} el_extent;

/* One record of a read. */
typedef struct el_record {
    uint64_t id;    /* the byte where it starts */
    uint64_t bytes; /* it takes in the file, its line end included */
    el_status code; /* 0, or why it is a bad record: then its texts and tokens are empty and its numbers 0, and a problem tells more */
    uint32_t reserved;
} el_record;

/* Columns of read: records, then two for each field f: TEXT: ends (uint64_t, bytes up to and with this record) and bytes;
 * INTEGER: int64_t in the second; NUMBER: double in the second; TOKENS: ends (uint64_t, tokens up to and with this record) and
 * ids (uint32_t, below EL_NONE). Texts are valid UTF-8. */
enum { EL_READ_RECORDS = 0 };
#define EL_READ_ENDS(f) (1u + 2u * (f))
#define EL_READ_VALUES(f) (2u + 2u * (f))

/* Columns of scan. */
enum {
    EL_SCAN_STARTS = 0, /* uint64_t: ids of the records that start in the range, ascending */
    EL_SCAN_PASSED = 1  /* uint64_t, at most one: how much was passed over that is no record (blank lines) */
};

/* facts      [main] after configure
 * extent     [main] once before the calls below: opens the files, unpacks what cannot seek into the cache
 * scan       [any-thread] where records start in [begin, end)
 * read_range [any-thread] the records that start in [begin, end)
 * read_ids   [any-thread] the records that start at the ids, in the order given */
typedef struct el_source_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*facts)(void* instance, el_source_facts* out);
    el_status (*extent)(void* instance, el_extent* out, const el_problems* problems);
    el_status (*scan)(void* instance, void* scratch, const uint64_t range[2], const el_writer* out,
                      const el_problems* problems);
    el_status (*read_range)(void* instance, void* scratch, const uint64_t range[2], const el_writer* out,
                            const el_problems* problems);
    el_status (*read_ids)(void* instance, void* scratch, const uint64_t* ids, uint64_t count, const el_writer* out,
                          const el_problems* problems);
} el_source_functions;

#endif
