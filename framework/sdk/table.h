// What a table derives from, and how a stage reads a table that is its parameter.
#pragma once

#include <embedloom/abi/table.h>
#include <embedloom/sdk/numbers.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

class Table : public Stage {
  public:
    using KindBase = Table;
    static constexpr el_kind kind = EL_KIND_TABLE;

    /// [main] The matrix; `size` is filled for you.
    virtual el_table_view view() const = 0;

    static const el_table_functions functions;
};

/// The value at (row, column) of a view, widened to float32: exact for all three types.
inline float value_at(const el_table_view& view, std::uint64_t row, std::uint32_t column) {
    const auto* at = static_cast<const unsigned char*>(view.data) + row * view.stride;
    if (view.dtype == EL_F32) {
        float out;
        std::memcpy(&out, at + std::size_t{column} * 4, 4);
        return out;
    }
    std::uint16_t half;
    std::memcpy(&half, at + std::size_t{column} * 2, 2);
    return view.dtype == EL_F16 ? half_to_float(half) : bfloat_to_float(half);
}

/// The view of a table that is a parameter of another stage.
inline el_table_view view_of(const el_stage_handle& table) {
    el_table_view view{.size = sizeof(el_table_view)};
    const auto* functions = static_cast<const el_table_functions*>(table.functions);
    const el_status status = functions->view(table.instance, &view);
    if (status != EL_OK) throw Error{.code = status, .found = "a table that cannot be viewed"};
    return view;
}

namespace detail {
struct TableCalls {
    static el_status view(void* instance, el_table_view* out) {
        return guarded(nullptr, [&](Problems&) {
            el_table_view view = stage_of<Table>(instance).view();
            view.size = sizeof(el_table_view);
            std::memcpy(out, &view, std::min<std::size_t>(out->size, sizeof view));
            return EL_OK;
        });
    }
    static el_status finite(void* instance, const el_problems* to) {
        return guarded(to, [&](Problems&) {
            const el_table_view view = stage_of<Table>(instance).view();
            for (std::uint64_t row = 0; row < view.rows; ++row)
                for (std::uint32_t column = 0; column < view.width; ++column)
                    if (const float value = value_at(view, row, column); !(value - value == 0))
                        throw Error{.code = EL_BAD_DATA,
                                    .found = std::to_string(value) + " at row " + std::to_string(row) + ", column " +
                                             std::to_string(column),
                                    .expected = "finite numbers"};
            return EL_OK;
        });
    }
};
}  // namespace detail

inline constexpr el_table_functions Table::functions{sizeof(el_table_functions), 0, &detail::TableCalls::view,
                                                     &detail::TableCalls::finite};

}  // namespace embedloom::sdk
