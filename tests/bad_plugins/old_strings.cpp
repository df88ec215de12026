// Built with the other layout of std::string: the contract carries none of the standard library, so it works all the same.
#include <embedloom/sdk/table.h>

namespace {

namespace sdk = embedloom::sdk;

class Table final : public sdk::Table {
  public:
    static constexpr sdk::Declaration declaration{.name = "old_strings", .version = "1.0.0", .summary = "One row of zeros."};
    static constexpr std::array parameters{sdk::text("word").required().doc("Must be 'please'.")};

    Table(const sdk::Values& values, const sdk::Host& host) {
        static_assert(_GLIBCXX_USE_CXX11_ABI == 0);
        const std::string word(values.text("word"));
        if (word != "please") values.refuse("word", {.found = word, .expected = "'please'"});
        host.note("made with the word " + word);
    }
    el_table_view view() const override {
        return {.dtype = EL_F32, .data = numbers_.data(), .rows = 1, .stride = 16, .width = 4};
    }

  private:
    std::vector<float> numbers_ = std::vector<float>(4);
};

}  // namespace

EMBEDLOOM_PLUGIN(Table)
