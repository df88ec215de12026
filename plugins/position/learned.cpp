// Position "learned": row p of a table, as BERT and GPT-2 do it.
#include <embedloom/sdk/position.h>
#include <embedloom/sdk/table.h>

namespace {

namespace sdk = embedloom::sdk;

class Learned final : public sdk::Position {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "learned", .version = "1.0.0", .summary = "Rows of a trained table, one for each position.",
        .doc = "A position without a row is an error, found before the run: rows are never repeated or clamped."};
    static constexpr std::array parameters{
        sdk::stage("table", EL_KIND_TABLE).required().doc("The table [positions, width].")};

    Learned(const sdk::Values& values, const sdk::Host&) : table_(sdk::view_of(values.stage("table"))) {}

    el_position_facts facts() const override {
        return {.form = EL_POSITION_VECTORS, .width = table_.width, .max_positions = table_.rows};
    }

    void encode(std::span<const std::int64_t> ids, std::uint32_t width, float* out) const override {
        for (const std::int64_t id : ids) {
            for (std::uint32_t column = 0; column < width; ++column)
                out[column] = sdk::value_at(table_, static_cast<std::uint64_t>(id), column);
            out += width;
        }
    }

  private:
    el_table_view table_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Learned)
