// Calls a function that nobody has: bound lazily, it would end the process in the middle of a run.
#include <embedloom/abi/table.h>

#include "liar.h"

extern "C" int a_function_that_nobody_has();

namespace {

class Table : public liar::Liar<Table> {
  public:
    static constexpr el_kind kind = EL_KIND_TABLE;
    static const el_table_functions functions;
    static constexpr liar::sdk::Declaration declaration{.name = "undefined", .version = "1.0.0", .summary = "Cannot be loaded."};
    using Liar::Liar;
};

el_status view(void*, el_table_view*) { return a_function_that_nobody_has(); }
el_status finite(void*, const el_problems*) { return EL_OK; }

const el_table_functions Table::functions{sizeof(el_table_functions), 0, &view, &finite};

}  // namespace

EMBEDLOOM_PLUGIN(Table)
