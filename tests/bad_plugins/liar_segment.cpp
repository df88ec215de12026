// A segment strategy that makes one row a record, token 1 and the text, and can break each rule of plans on request.
#include <embedloom/abi/segment.h>

#include "liar.h"

namespace {

using namespace liar;

class Segment : public Liar<Segment> {
  public:
    static constexpr el_kind kind = EL_KIND_SEGMENT;
    static const el_segment_functions functions;
    static constexpr sdk::Declaration declaration{.name = "liar", .version = "1.0.0", .summary = "A row a record, and lies."};
    using Liar::Liar;
};

constexpr el_text fields[] = {{"text", 4}};
constexpr std::uint32_t wanted[] = {EL_NONE};

el_status facts(void* instance, el_segment_facts* out) {
    *out = {sizeof(el_segment_facts), EL_ROW_PER_RECORD, 1, 8, 2, 1, fields, wanted};
    if (self<Segment>(instance).tells("a row of nobody")) out->flags = 0;
    if (self<Segment>(instance).tells("no fields")) out->fields = nullptr;
    if (self<Segment>(instance).tells("no length")) out->max_length = 0;
    if (self<Segment>(instance).tells("many segments")) out->segment_ids = 65537;
    return EL_OK;
}

el_piece lie_about(const Segment& me, el_piece piece) {
    if (me.tells("another field")) piece.field = 1;
    if (me.tells("another record")) piece.record = 99;
    if (me.tells("the next record")) piece.record = 1;
    if (me.tells("too far")) ++piece.end;
    if (me.tells("backwards")) piece.begin = piece.end + 1;
    if (me.tells("another segment")) piece.segment = 2;
    return piece;
}

el_status plan(void* instance, void*, const el_segment_call* call, const el_writer* out, const el_problems*) {
    const auto& me = self<Segment>(instance);
    std::uint64_t pieces = 0;
    for (std::uint32_t r = 0; r < call->record_count; ++r) {
        const std::uint32_t length = call->lengths[r];
        const bool is_bad = length == EL_NONE || length > 7 || (me.tells("bad by its key") && call->keys[r].key[0] % 2);
        if (!is_bad || me.tells("pieces of bad records") || me.tells("too long")) {
            put(out, EL_PLAN_PIECES, el_piece{EL_LITERAL, r, me.tells("large literal") ? 16u : 1u,
                                              me.tells("two literals") ? 3u : me.tells("large literal") ? 17u : 2u, 0, 0});
            put(out, EL_PLAN_PIECES, lie_about(me, {0, r, 0, length == EL_NONE ? 0 : length, 1, 0}));
            put(out, EL_PLAN_ROWS, pieces += 2);
        }
        put(out, EL_PLAN_CODES, is_bad && !me.tells("too long") ? el_status{EL_BAD_DATA} : el_status{EL_OK});
    }
    if (me.tells("one code more")) put(out, EL_PLAN_CODES, el_status{EL_OK});
    if (me.tells("one row more") || me.tells("a row of nobody")) put(out, EL_PLAN_ROWS, pieces);
    if (me.tells("descending rows")) put(out, EL_PLAN_ROWS, std::uint64_t{0});
    if (me.tells("half a piece")) put(out, EL_PLAN_PIECES, std::uint32_t{0});
    return EL_OK;
}

el_status count(void*, void*, const el_segment_call* call, std::uint64_t* rows) {
    *rows = 0;
    for (std::uint64_t r = 0; r < call->record_count; ++r) *rows += call->lengths[r] != EL_NONE && call->lengths[r] <= 7;
    return EL_OK;
}

const el_segment_functions Segment::functions{sizeof(el_segment_functions), 0, &facts, &plan, &count};

}  // namespace

EMBEDLOOM_PLUGIN(Segment)
