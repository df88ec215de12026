// Table "random": seeded normal numbers, for models that are trained from nothing.
#include <embedloom/abi/philox.h>
#include <embedloom/sdk/table.h>

#include <cmath>
#include <numbers>

namespace {

namespace sdk = embedloom::sdk;

class Random final : public sdk::Table {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "random", .version = "1.0.0", .summary = "Seeded normal numbers: a table that is not trained yet.",
        .doc = "Value (row, column) depends on seed, row and column alone (Philox4x32-10 and Box-Muller), so a table with more "
               "rows begins with the rows of a smaller one."};
    static constexpr std::array parameters{
        sdk::integer("rows").required().between(1, 1 << 24).doc("Rows: the vocabulary's size, or positions."),
        sdk::integer("width").required().between(1, 1 << 16).doc("Numbers in a row."),
        sdk::integer("seed").between(0, 9007199254740991.0).otherwise("0").doc("Another seed, another table."),
        sdk::number("deviation").between(0, 1e6).otherwise("0.02").doc("Standard deviation; BERT's initialiser has 0.02.")};

    Random(const sdk::Values& values, const sdk::Host&)
        : rows_(values.size("rows")), width_(static_cast<std::uint32_t>(values.integer("width"))) {
        constexpr std::uint64_t most = std::uint64_t{8} << 30;
        if (rows_ * width_ * sizeof(float) > most) {
            values.refuse("rows", {.found = std::to_string(rows_) + " rows of " + std::to_string(width_),
                                   .expected = "at most 8 GiB of float32"});
            return;
        }
        numbers_.resize(rows_ * width_);
        const auto seed = values.size("seed");
        const auto deviation = static_cast<float>(values.number("deviation"));
        for (std::uint64_t row = 0; row < rows_; ++row)
            fill(el_key_for(seed, 0, row, 0), deviation, {numbers_.data() + row * width_, width_});
    }

    el_table_view view() const override {
        return {.dtype = EL_F32, .data = numbers_.data(), .rows = rows_, .stride = width_ * sizeof(float), .width = width_};
    }

  private:
    /// Two normal numbers from two uniform ones (Box and Muller 1958), in double so that libraries agree after rounding.
    static void fill(const el_key& key, float deviation, std::span<float> out) {
        for (std::uint32_t column = 0; column < out.size(); column += 2) {
            std::uint32_t words[4];
            el_draw(&key, 0, column / 2, words);
            const double radius = std::sqrt(-2.0 * std::log((words[0] + 0.5) * 0x1p-32));
            const double angle = 2.0 * std::numbers::pi * (words[1] * 0x1p-32);
            out[column] = deviation * static_cast<float>(radius * std::cos(angle));
            if (column + 1 < out.size()) out[column + 1] = deviation * static_cast<float>(radius * std::sin(angle));
        }
    }

    std::uint64_t rows_;
    std::uint32_t width_;
    std::vector<float> numbers_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Random)
