// Declares a stage with one of every mistake that a declaration can have.
#include <embedloom/abi/table.h>

#include "liar.h"

namespace {

using namespace liar;

class Table : public sdk::Stage {
  public:
    using KindBase = Table;
    static constexpr el_kind kind = EL_KIND_TABLE;
    static const el_table_functions functions;
    static constexpr sdk::Declaration declaration{.name = "mistakes", .version = "1.0.0", .summary = ""};
    static constexpr std::array parameters{
        sdk::integer("Upper"), sdk::integer("twice"), sdk::integer("twice"), sdk::choice("no_choice"),
        sdk::integer("empty_range").between(2, 1), sdk::integer("default_outside").between(1, 2).otherwise("3"),
        sdk::integer("default_text").otherwise("three"), sdk::integer("both").required().otherwise("1"),
        sdk::text("use"), sdk::Parameter(99, "no_type")};
    static constexpr std::array columns{sdk::column("no_dtype", 77, EL_AXIS_ROW, 0), sdk::column("no_axis", EL_U8, 7, 0)};

    Table(const sdk::Values&, const sdk::Host&) {}
};

el_status view(void*, el_table_view*) { return EL_OK; }

const el_table_functions Table::functions{sizeof(el_table_functions), 0, &view, nullptr};

}  // namespace

EMBEDLOOM_PLUGIN(Table)
