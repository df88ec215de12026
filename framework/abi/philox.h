/* Randomness as a function of where you are: a counter-based generator, keyed by (seed, epoch, id, purpose).
 *
 * A draw depends on its key, stream and index and on nothing else: no state to save, no order of calls that
 * matters, the same bits on every machine and for any number of threads. C11 and C++20, header only, no
 * memory, no errors. All functions: [any-thread].
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), Philox4x32-10.
 * */
#ifndef EMBEDLOOM_ABI_PHILOX_H
#define EMBEDLOOM_ABI_PHILOX_H

#include <stdint.h>

/* Where the draws of one record, row or permutation start: made by el_key_for, told apart by all 128 bits. */
typedef struct el_key {
    uint32_t key[2];  /* the generator's key */
    uint32_t high[2]; /* the upper half of its counter; index and stream are the lower */
} el_key;

/* out[4] = Philox4x32-10 of counter[4] under key[2]. out may be counter. */
static inline void el_philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]) {
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
        const uint64_t left = (uint64_t)0xD2511F53u * c0;
        const uint64_t right = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(right >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)right;
        c2 = (uint32_t)(left >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)left;
        k0 += 0x9E3779B9u; /* the golden ratio and sqrt(3) - 1, as 32-bit fractions */
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* The key of one thing (`id`: a record, a window, a row) for one `purpose` (which stage asks, and what for).
 * Two turns of the generator, so that neighbouring seeds, epochs, ids and purposes share nothing. */
static inline el_key el_key_for(uint64_t seed, uint64_t epoch, uint64_t id, uint64_t purpose) {
    const uint32_t place[4] = {(uint32_t)id, (uint32_t)(id >> 32), (uint32_t)epoch, (uint32_t)(epoch >> 32)};
    const uint32_t seed_key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t purpose_key[2] = {(uint32_t)purpose, (uint32_t)(purpose >> 32)};
    uint32_t mixed[4];
    el_key made;
    el_philox(mixed, place, seed_key);
    el_philox(mixed, mixed, purpose_key);
    made.key[0] = mixed[0];
    made.key[1] = mixed[1];
    made.high[0] = mixed[2];
    made.high[1] = mixed[3];
    return made;
}

/* Four independent words of 32 random bits. `stream` tells apart the kinds of draw of one key (say 0: which
 * tokens, 1: by what they are replaced); `index` counts within a stream (say the token's place in the row).
 * */
static inline void el_draw(const el_key* key, uint32_t stream, uint32_t index, uint32_t out[4]) {
    const uint32_t counter[4] = {index, stream, key->high[0], key->high[1]};
    el_philox(out, counter, key->key);
}

/* A float in [0, 1) from the upper 24 bits of a word: each multiple of 2^-24 is equally likely. */
static inline float el_unit_float(uint32_t word) { return (float)(word >> 8) * 0x1p-24f; }

/* A double in [0, 1) from 53 bits of two words. */
static inline double el_unit_double(uint32_t high, uint32_t low) {
    return (double)((((uint64_t)high << 32) | low) >> 11) * 0x1p-53;
}

/* The upper 64 bits of a * b; *low takes the lower ones. */
static inline uint64_t el_multiply_wide(uint64_t a, uint64_t b, uint64_t* low) {
    const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    const uint64_t bottom = a0 * b0, cross = a1 * b0 + (bottom >> 32), middle = a0 * b1 + (uint32_t)cross;
    *low = (middle << 32) | (uint32_t)bottom;
    return a1 * b1 + (cross >> 32) + (middle >> 32);
}

/* An integer in [0, bound), each equally likely; 0 where bound is 0. Draws at *index and moves it past what
 * was used: mostly one draw, with probability bound / 2^64 one more.
 * Source: Lemire, "Fast random integer generation in an interval" (TOMACS 2019). */
static inline uint64_t el_below(const el_key* key, uint32_t stream, uint32_t* index, uint64_t bound) {
    for (;;) {
        uint32_t word[4];
        uint64_t low;
        el_draw(key, stream, (*index)++, word);
        const uint64_t high = el_multiply_wide(((uint64_t)word[1] << 32) | word[0], bound, &low);
        if (low >= bound || low >= (0 - bound) % bound) return high;
    }
}

#endif
