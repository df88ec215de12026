/* Tokenizers: texts to token ids, and back. */
#ifndef EMBEDLOOM_ABI_TOKENIZER_H
#define EMBEDLOOM_ABI_TOKENIZER_H

#include "host.h"
#include "types.h"

enum {
    EL_WANT_OFFSETS = 1, /* the bytes of each token */
    EL_WANT_WORDS = 2    /* the word of each token */
};

/* One call: `count` valid UTF-8 texts. Encoding a text may stop once `wanted` tokens of it exist (EL_NONE: all). */
typedef struct el_encode_call {
    uint32_t size;
    uint32_t want;
    const el_text* texts;
    uint64_t count;
    uint32_t wanted;
    uint32_t reserved;
} el_encode_call;

/* What became of a text. */
typedef struct el_encoded {
    uint64_t end;        /* tokens up to and with this text */
    uint64_t bytes_read; /* of the text, by the tokens that are there */
    el_status code;      /* 0, or why this text cannot be encoded: then it has no tokens */
    uint32_t finished;   /* 1: all of its tokens are there */
} el_encoded;

/* Columns of encode. */
enum {
    EL_ENCODE_RESULTS = 0, /* el_encoded, one a text */
    EL_ENCODE_IDS = 1,     /* uint32_t a token */
    EL_ENCODE_OFFSETS = 2, /* uint32_t[2] a token: half-open bytes of its text as passed */
    EL_ENCODE_WORDS = 3    /* uint32_t a token: which word of its text, from 0; EL_NONE: none */
};

/* Columns of decode (bytes) and pieces (ends: uint64_t an id; bytes). */
enum { EL_DECODE_BYTES = 0, EL_PIECES_ENDS = 0, EL_PIECES_BYTES = 1 };

/* vocabulary [main] after configure; lives as long as the instance
 * encode     [any-thread]
 * decode     [any-thread] ids to text, special tokens left out when skip_special is not 0
 * pieces     [any-thread] the literal text of each id
 * find       [any-thread] the id of a token by its exact text, EL_NONE when there is none */
typedef struct el_tokenizer_functions {
    uint32_t size;
    uint32_t reserved;
    el_status (*vocabulary)(void* instance, el_vocabulary* out);
    el_status (*encode)(void* instance, void* scratch, const el_encode_call* call, const el_writer* out,
                        const el_problems* problems);
    el_status (*decode)(void* instance, const uint32_t* ids, uint64_t count, uint32_t skip_special, const el_writer* out);
    el_status (*pieces)(void* instance, const uint32_t* ids, uint64_t count, const el_writer* out);
    uint32_t (*find)(void* instance, el_text token);
} el_tokenizer_functions;

#endif
