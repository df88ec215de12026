// Position "sinusoidal": sines and cosines of the position, in the three layouts that models use.
#include <embedloom/sdk/position.h>

#include <cmath>

namespace {

namespace sdk = embedloom::sdk;

enum class Layout { interleaved, concatenated, tensor2tensor };

class Sinusoidal final : public sdk::Position {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "sinusoidal", .version = "1.0.0", .summary = "Sines and cosines of falling frequency (Vaswani 2017).",
        .doc = "Angles are computed in float64 and rounded once to float32.\n\n"
               "- `interleaved`: sin, cos, sin, cos ... of p / base^(2i/D), as in the paper; an odd width ends with a sine.\n"
               "- `concatenated`: all sines, then all cosines, of the same angles (Transformer-XL, RoFormer).\n"
               "- `tensor2tensor`: all sines, then all cosines, of p * base^(-i/(D/2-1)) (tensor2tensor, fairseq, Whisper); "
               "an odd width ends with a zero."};
    static constexpr std::array layouts{sdk::word("interleaved"), sdk::word("concatenated"), sdk::word("tensor2tensor")};
    static constexpr std::array parameters{
        sdk::choice("layout").of(layouts).otherwise("interleaved").doc("Where sines and cosines stand in a vector."),
        sdk::number("base").between(1.0, 1e12).otherwise("10000").doc("How far apart the slowest and the fastest wave are.")};

    Sinusoidal(const sdk::Values& values, const sdk::Host&) : base_(values.number("base")) {
        const std::string_view word = values.text("layout");
        layout_ = word == "concatenated" ? Layout::concatenated
                  : word == "tensor2tensor" ? Layout::tensor2tensor
                                            : Layout::interleaved;
    }

    el_position_facts facts() const override {
        return {.form = EL_POSITION_VECTORS, .width = 0, .max_positions = UINT64_MAX};
    }

    void encode(std::span<const std::int64_t> ids, std::uint32_t width, float* out) const override {
        const std::vector<double> frequencies = frequencies_of(width);
        for (const std::int64_t id : ids) {
            layout_ == Layout::interleaved ? interleave(id, frequencies, {out, width})
                                           : concatenate(id, frequencies, {out, width});
            out += width;
        }
    }

  private:
    /// One frequency for each sine: ceil(D/2) of them, but floor(D/2) for tensor2tensor.
    std::vector<double> frequencies_of(std::uint32_t width) const {
        const std::uint32_t count = layout_ == Layout::tensor2tensor ? width / 2 : (width + 1) / 2;
        const double last = std::max(1.0, width / 2 - 1.0);
        std::vector<double> frequencies(count);
        for (std::uint32_t i = 0; i < count; ++i)
            frequencies[i] = layout_ == Layout::tensor2tensor ? std::exp(-static_cast<double>(i) * std::log(base_) / last)
                                                              : 1.0 / std::pow(base_, 2.0 * i / width);
        return frequencies;
    }

    static void interleave(std::int64_t id, const std::vector<double>& frequencies, std::span<float> out) {
        for (std::size_t column = 0; column < out.size(); ++column) {
            const double angle = static_cast<double>(id) * frequencies[column / 2];
            out[column] = static_cast<float>(column % 2 ? std::cos(angle) : std::sin(angle));
        }
    }

    static void concatenate(std::int64_t id, const std::vector<double>& frequencies, std::span<float> out) {
        const std::size_t sines = frequencies.size();
        for (std::size_t column = 0; column < out.size(); ++column) {
            const bool cosine = column >= sines;
            const std::size_t i = cosine ? column - sines : column;
            const double angle = i < sines ? static_cast<double>(id) * frequencies[i] : 0;
            out[column] = static_cast<float>(i >= sines ? 0 : cosine ? std::cos(angle) : std::sin(angle));
        }
    }

    double base_;
    Layout layout_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Sinusoidal)
