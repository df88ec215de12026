// A segment strategy whose windows make another number of rows in each epoch: what ranks must count epoch by epoch. It keeps the contract.
#include <embedloom/sdk/segment.h>

#include <algorithm>

namespace {

namespace sdk = embedloom::sdk;

class Ragged final : public sdk::Segment {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "ragged", .version = "1.0.0", .summary = "A text makes one row or two, as its key has it; a short text is bad."};
    static constexpr std::array<sdk::Parameter, 0> parameters{};

    Ragged(const sdk::Values&, const sdk::Host&) {}

    el_segment_facts facts() const override {
        return {.flags = 0, .field_count = 1, .max_length = longest, .segment_ids = 1, .window_rows = 1, .fields = &field, .wanted = &wanted};
    }

    void plan(sdk::Planning& call, sdk::Scratch*) const override {
        for (std::uint32_t record = 0; record < call.record_count(); ++record) {
            const std::uint32_t length = call.length(record, 0);
            if (is_bad(length)) {
                call.bad_record({.code = EL_BAD_DATA, .found = "a short text", .record = record});
                continue;
            }
            const std::uint32_t kept = std::min(length, longest);
            for (std::uint32_t row = 0; row < rows_of(call.key(record)); ++row) {
                call.tokens({0, record, 0, kept, 0, 0});
                call.end_row();
            }
            call.good_record();
        }
    }

    std::uint64_t count(const el_segment_call& call, sdk::Scratch*) const override {
        std::uint64_t rows = 0;
        for (std::uint64_t record = 0; record < call.record_count; ++record)
            if (!is_bad(call.lengths[record])) rows += rows_of(call.keys[record]);
        return rows;
    }

  private:
    static bool is_bad(std::uint32_t length) { return length == EL_NONE || length < 4; }
    static std::uint32_t rows_of(const el_key& key) {
        std::uint32_t words[4];
        el_draw(&key, 0, 0, words);
        return 1 + words[0] % 2;
    }

    static constexpr std::uint32_t longest = 64, wanted = 64;
    static constexpr el_text field{"text", 4};
};

}  // namespace

EMBEDLOOM_PLUGIN(Ragged)
