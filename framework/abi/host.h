/* The services that the host lends to an instance, from create to destroy. */
#ifndef EMBEDLOOM_ABI_HOST_H
#define EMBEDLOOM_ABI_HOST_H

#include "arrow.h"
#include "types.h"

/* A file mapped read-only for as long as the instance lives. data is NULL when the file is empty. */
typedef struct el_file {
    uint32_t size;
    uint32_t reserved;
    const void* data;
    uint64_t bytes;
} el_file;

/* Records that whoever runs the pipeline has in memory: a table in chunks. Everything in it but the structs' own layout is as
 * untrusted as a file. It lives as long as the instance and is only read: nobody but the host releases anything of it. */
typedef struct el_records {
    uint32_t size;
    uint32_t reserved;
    const struct ArrowSchema* schema; /* of every chunk; a table's is a struct with a child for each column */
    const struct ArrowArray* const* chunks;
    uint64_t chunk_count;
} el_records;

enum { EL_LOG_NOTE = 1, EL_LOG_WARNING = 2 };

/* What stages after the tokenizer may ask about it. */
typedef struct el_vocabulary {
    uint32_t size;
    uint32_t vocab_size; /* ids are 0 .. vocab_size - 1 */
    uint32_t unk, cls, sep, pad, mask, bos, eos; /* EL_NONE: there is none */
} el_vocabulary;

typedef struct el_host {
    uint32_t size;
    uint32_t reserved;
    void* host;

    /* [any-thread] One line for the log of the run. */
    void (*log)(void* host, uint32_t level, el_text message);

    /* [any-thread] Not 0 once the run is being stopped: long calls return EL_CANCELLED soon. */
    int32_t (*cancelled)(void* host);

    /* [main], during configure: maps a file. Its digest becomes part of the run's fingerprint. */
    el_status (*map_file)(void* host, el_text path, el_file* out, const el_problems* problems);

    /* [main], during configure or extent. The run's cache: `key` names content (a digest of what it was made from; letters,
     * digits, '-', '_', '.', at most 200), so an entry never changes. cache_find: the path of a whole entry, data NULL when
     * there is none; then this instance has the key to itself until cache_end or the end of the call, and who else looks for
     * it waits, so that of many processes one makes it. cache_begin: a new path to write to; cache_end: with keep 1 it
     * becomes the entry at once and whole, with 0 it is removed. Paths live as long as the instance. */
    el_status (*cache_find)(void* host, el_text key, el_text* path);
    el_status (*cache_begin)(void* host, el_text key, el_text* path, const el_problems* problems);
    el_status (*cache_end)(void* host, el_text key, uint32_t keep, const el_problems* problems);

    /* [main] The tokenizer of the pipeline, or NULL for a stage that is made before it. */
    const el_vocabulary* (*vocabulary)(void* host);

    /* [main] The id of a token by its exact text, EL_NONE when the vocabulary has none. */
    uint32_t (*find_token)(void* host, el_text token);

    /* [main] The records that were lent to this run, or NULL. A source that asks for them is taken to read them. Hosts that were
     * built before there were any have no such member: see `size`. */
    const el_records* (*records)(void* host);
} el_host;

#endif
