// An objective, a position and a table that can break each rule of theirs on request: three stages in one file.
#include <embedloom/abi/objective.h>
#include <embedloom/abi/position.h>
#include <embedloom/abi/table.h>

#include "liar.h"

namespace {

using namespace liar;

class Objective : public Liar<Objective> {
  public:
    static constexpr el_kind kind = EL_KIND_OBJECTIVE;
    static const el_objective_functions functions;
    static constexpr sdk::Declaration declaration{.name = "liar", .version = "1.0.0", .summary = "Labels, and lies."};
    static constexpr std::array columns{sdk::column("labels", EL_I64, EL_AXIS_TOKEN, -100),
                                        sdk::column("is_odd", EL_U8, EL_AXIS_ROW, 0)};
    using Liar::Liar;
};

el_status objective_facts(void*, el_objective_facts* out) {
    *out = {sizeof(el_objective_facts), 0};
    return EL_OK;
}

el_status apply(void* instance, void*, const el_objective_call* call, const el_writer* out, const el_problems*) {
    const auto& me = self<Objective>(instance);
    const std::uint64_t tokens = call->row_count ? call->row_ends[call->row_count - 1] : 0;
    for (std::uint64_t t = me.tells("one id less"); t < tokens; ++t)
        put(out, EL_APPLY_IDS, me.tells("large id") ? 16u : call->ids[t]);
    for (std::uint64_t t = me.tells("one label less"); t < tokens; ++t) put(out, EL_APPLY_COLUMN(0), std::int64_t{-100});
    for (std::uint64_t r = 0; r < call->row_count; ++r) put(out, EL_APPLY_COLUMN(1), std::uint8_t{1});
    if (me.tells("one row more")) put(out, EL_APPLY_COLUMN(1), std::uint8_t{1});
    return EL_OK;
}

const el_objective_functions Objective::functions{sizeof(el_objective_functions), 0, &objective_facts, &apply};

class Position : public Liar<Position> {
  public:
    static constexpr el_kind kind = EL_KIND_POSITION;
    static const el_position_functions functions;
    static constexpr sdk::Declaration declaration{.name = "liar", .version = "1.0.0", .summary = "Zeros, and lies."};
    using Liar::Liar;
};

el_status position_facts(void* instance, el_position_facts* out) {
    const auto& me = self<Position>(instance);
    *out = {sizeof(el_position_facts), me.tells("another form") ? 77u : std::uint32_t{EL_POSITION_VECTORS}, 0, 0,
            me.tells("no positions") ? std::uint64_t{0} : std::uint64_t{8}};
    return EL_OK;
}

el_status configure_width(void*, std::uint32_t width, const el_problems*) { return width % 2 ? EL_BAD_CONFIG : EL_OK; }

el_status encode(void*, const std::int64_t*, std::uint64_t count, std::uint32_t width, float* out, const el_problems*) {
    std::fill_n(out, count * width, 0.0F);
    return EL_OK;
}

const el_position_functions Position::functions{sizeof(el_position_functions), 0, &position_facts, &configure_width, &encode};

class Table : public Liar<Table> {
  public:
    static constexpr el_kind kind = EL_KIND_TABLE;
    static const el_table_functions functions;
    static constexpr sdk::Declaration declaration{.name = "liar", .version = "1.0.0", .summary = "Six numbers, and lies."};
    using Liar::Liar;
};

constexpr float numbers[6] = {};

el_status view(void* instance, el_table_view* out) {
    const auto& me = self<Table>(instance);
    *out = {sizeof(el_table_view), EL_F32, numbers, 2, 12, 3, 0};
    if (me.tells("another dtype")) out->dtype = EL_I64;
    if (me.tells("no data")) out->data = nullptr;
    if (me.tells("no rows")) out->rows = 0;
    if (me.tells("short stride")) out->stride = 11;
    if (me.tells("endless rows")) out->rows = std::uint64_t{1} << 62;
    return EL_OK;
}

el_status finite(void*, const el_problems*) { return EL_OK; }

const el_table_functions Table::functions{sizeof(el_table_functions), 0, &view, &finite};

}  // namespace

EMBEDLOOM_PLUGIN(Objective, Position, Table)
