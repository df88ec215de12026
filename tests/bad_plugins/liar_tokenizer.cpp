// A tokenizer that gives one token a byte, its id the byte modulo 16, and can break each rule of `encode` on request.
#include <embedloom/abi/tokenizer.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "liar.h"

namespace {

using namespace liar;

class Tokenizer : public Liar<Tokenizer> {
  public:
    static constexpr el_kind kind = EL_KIND_TOKENIZER;
    static const el_tokenizer_functions functions;
    static constexpr sdk::Declaration declaration{
        .name = "liar", .version = "1.0.0", .summary = "A token a byte, and lies about it.", .concurrency = sdk::Concurrency::serial};
    using Liar::Liar;
};

el_status vocabulary(void* instance, el_vocabulary* out) {
    *out = {sizeof(el_vocabulary), 16, 0, 1, 2, 3, 4, EL_NONE, EL_NONE};
    if (self<Tokenizer>(instance).tells("special outside")) out->mask = 16;
    if (self<Tokenizer>(instance).tells("no vocabulary")) out->vocab_size = 0;
    return self<Tokenizer>(instance).tells("no facts") ? EL_INTERNAL : EL_OK;
}

void token(const Tokenizer& me, const el_writer* out, char byte, std::uint32_t place) {
    static std::atomic<unsigned> calls{0};
    const unsigned change = me.tells("guesses") ? calls++ % 3 : 0;
    put(out, EL_ENCODE_IDS, me.tells("large id") ? 16u : (static_cast<unsigned char>(byte) + change) % 16u);
    put(out, EL_ENCODE_OFFSETS, me.tells("backward offset") ? place + 2 : place);
    put(out, EL_ENCODE_OFFSETS, me.tells("offset outside") ? 1000 : place + 1);
    put(out, EL_ENCODE_WORDS, place);
}

/// The code that the second text gets.
el_status code_of(const Tokenizer& me) {
    return me.tells("bad without a reason") ? EL_BAD_DATA : me.tells("machine code") ? EL_IO : me.tells("unknown code") ? 4711 : EL_OK;
}

void problem(const el_problems* to, const el_problem& what) { to->add(to->host, &what); }

/// EL_INTERNAL when another call is in here too.
el_status count_callers() {
    static std::atomic<int> callers{0};
    bool is_alone = ++callers == 1;
    for (int i = 0; i < 2000; ++i) is_alone &= callers == 1;
    --callers;
    return is_alone ? EL_BAD_DATA : EL_INTERNAL;
}

/// Lies that end the call before it gives a result; EL_OK: this is none of them.
el_status early(const Tokenizer& me, const el_writer* out, const el_problems* problems) {
    if (me.tells("throws")) throw std::runtime_error("thrown across the border");
    if (me.tells("throws a number")) throw 7;
    if (me.tells("unknown status")) return 4711;
    if (me.tells("silent status")) return EL_BAD_DATA;
    if (me.tells("cancelled")) return EL_CANCELLED;
    if (me.tells("crashes")) std::abort();
    if (me.tells("prints")) std::puts("hello from the plugin");
    for (volatile bool is_waiting = me.tells("hangs"); is_waiting;) {}
    if (me.tells("blames nobody")) problem(problems, {sizeof(el_problem), EL_BAD_DATA, 99});
    if (me.tells("flood"))
        for (int i = 0; i < 100000; ++i) problem(problems, {sizeof(el_problem), EL_BAD_DATA});
    if (me.tells("bad problem")) {
        problem(problems, {4});
        problem(problems, {sizeof(el_problem), 12345, 99, 0, 1, 2, 3, {nullptr, 5}, {}, {"\xFF\0x", 3}, {}, {}});
        return EL_BAD_DATA;
    }
    if (me.tells("writes too far")) std::memset(out->reserve(out->host, EL_ENCODE_IDS, 8), 0, 12);
    if (me.tells("commits too much")) {
        out->reserve(out->host, EL_ENCODE_IDS, 8);
        out->commit(out->host, EL_ENCODE_IDS, 4096);
    }
    if (me.tells("counts callers")) return count_callers();
    if (me.tells("another column")) out->commit(out->host, 77, 0);
    if (me.tells("eats all"))
        return out->reserve(out->host, EL_ENCODE_IDS, std::uint64_t{1} << 62) ? EL_OK : EL_RESOURCES;
    return EL_OK;
}

el_status encode(void* instance, void*, const el_encode_call* call, const el_writer* out, const el_problems* problems) {
    const auto& me = self<Tokenizer>(instance);
    if (const el_status status = early(me, out, problems); status != EL_OK) return status;
    is_full = false;
    std::uint64_t count = 0;
    for (std::uint64_t i = 0; i < call->count; ++i) {
        el_text text = call->texts[i];
        if (me.tells("looks at neighbours") && i > 0) text.size /= 2;
        if (me.tells("looks at the limit") && call->wanted != EL_NONE && text.size) ++text.data, --text.size;
        const el_status code = i == 1 ? code_of(me) : EL_OK;
        const std::uint64_t bytes = code == EL_OK ? std::min<std::uint64_t>(text.size, call->wanted) : 0;
        for (std::uint32_t b = 0; b < bytes; ++b, ++count) token(me, out, text.data[b], b);
        el_encoded result{count, bytes, code, bytes == text.size || code != EL_OK};
        if (me.tells("descending ends") && i == 1) result.end = 0;
        if (me.tells("read too far")) result.bytes_read = text.size + 1;
        if (me.tells("stops early")) result.finished = 0;
        if (me.tells("a number for finished")) result.finished = 2;
        if (me.tells("tokens beside a code")) result.code = EL_BAD_DATA;
        put(out, EL_ENCODE_RESULTS, result);
    }
    if (is_full) return EL_RESOURCES;
    if (me.tells("one result more")) put(out, EL_ENCODE_RESULTS, el_encoded{count, 0, EL_OK, 1});
    if (me.tells("half a result")) put(out, EL_ENCODE_RESULTS, count);
    if (me.tells("one id more")) put(out, EL_ENCODE_IDS, 1u);
    if (me.tells("half an id")) put(out, EL_ENCODE_IDS, std::uint16_t{1});
    if (me.tells("one offset more")) put(out, EL_ENCODE_OFFSETS, 1u);
    if (me.tells("one word more")) put(out, EL_ENCODE_WORDS, 1u);
    return EL_OK;
}

el_status decode(void*, const std::uint32_t* ids, std::uint64_t count, std::uint32_t, const el_writer* out) {
    for (std::uint64_t i = 0; i < count; ++i) put(out, EL_DECODE_BYTES, static_cast<char>('a' + ids[i] % 16));
    return EL_OK;
}

el_status pieces(void* instance, const std::uint32_t* ids, std::uint64_t count, const el_writer* out) {
    for (std::uint64_t i = 0; i < count; ++i) {
        put(out, EL_PIECES_BYTES, static_cast<char>('a' + ids[i] % 16));
        put(out, EL_PIECES_ENDS, self<Tokenizer>(instance).tells("wrong pieces") ? std::uint64_t{99} : i + 1);
    }
    return EL_OK;
}

std::uint32_t find(void* instance, el_text token_text) {
    const auto& me = self<Tokenizer>(instance);
    if (me.tells("finds too much")) return 1000;
    if (me.tells("loses a token") && token_text.size == 1 && token_text.data[0] == 'c') return EL_NONE;
    return token_text.size == 1 && token_text.data[0] >= 'a' && token_text.data[0] < 'q'
               ? static_cast<std::uint32_t>(token_text.data[0] - 'a')
               : EL_NONE;
}

const el_tokenizer_functions Tokenizer::functions{sizeof(el_tokenizer_functions), 0, &vocabulary, &encode, &decode, &pieces,
                                                  &find};

}  // namespace

EMBEDLOOM_PLUGIN(Tokenizer)
