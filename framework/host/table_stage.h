// A table, as the run reads it: a checked view of rows in memory.
#pragma once

#include <embedloom/abi/table.h>
#include <embedloom/host/stage.h>

namespace embedloom::host {

class TableStage {
  public:
    /// [main] Throws base::Failure where the instance is of another kind or its view makes no sense: no rows or columns, a
    /// dtype that is none of EL_F32, EL_F16, EL_BF16, rows that overlap or do not fit an address.
    explicit TableStage(std::shared_ptr<Instance> instance);
    TableStage(const TableStage&) = delete;
    TableStage& operator=(const TableStage&) = delete;

    const Instance& instance() const { return *instance_; }
    /// [rows, width], row r at data + r * stride; lives as long as the instance.
    const el_table_view& view() const { return view_; }
    /// [main] Looks at every value: EL_BAD_DATA where one is not finite.
    Outcome finite() const;

  private:
    std::shared_ptr<Instance> instance_;
    const el_table_functions* functions_;
    el_table_view view_{};
};

}  // namespace embedloom::host
