// The columns of a lent table by their names.
#pragma once

#include <embedloom/abi/arrow.h>
#include <embedloom/sdk/parameters.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace embedloom::source {

class Schema {
  public:
    /// Throws sdk::Error (EL_BAD_CONFIG) where it is no table's.
    explicit Schema(const ArrowSchema& schema);

    /// The number of the column that a parameter names. Refuses the parameter where it is not there, or twice.
    std::optional<std::uint32_t> find(std::string_view parameter, const sdk::Values& values) const;
    const ArrowSchema& column(std::uint32_t child) const { return *schema_.children[child]; }

  private:
    std::string_view name(std::int64_t child) const;
    std::string names() const;
    const ArrowSchema& schema_;
};

}  // namespace embedloom::source
