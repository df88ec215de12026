// Segment strategy "single": one text makes one row, such as [CLS] text [SEP].
#include <embedloom/sdk/segment.h>

#include "common/template.h"

namespace {

namespace sdk = embedloom::sdk;
using namespace embedloom::plugins;

class Single final : public sdk::Segment {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "single", .version = "1.0.0", .summary = "One text a row: [CLS] text [SEP].",
        .doc = "`template` says what stands around the text: `$A` is the text, every other word a token of the vocabulary, "
               "`:N` after a word its segment id. RoBERTa: `<s> $A </s>`."};
    static constexpr std::array words{sdk::word("longest_first"), sdk::word("longest_first_google"),
                                      sdk::word("only_first"), sdk::word("none")};
    static constexpr std::array parameters{
        sdk::text("template").otherwise("[CLS] $A [SEP]").doc("What a row is made of."),
        sdk::integer("max_length").between(1, 1 << 20).otherwise("512").in("tokens").doc(
            "Tokens of the longest row, those of the template included."),
        sdk::choice("truncate").of(words).otherwise("longest_first").doc(
            "What happens to a text that is too long: its end is cut off (the first three are one for a single text), or "
            "(none) it is a bad record.")};

    Single(const sdk::Values& values, const sdk::Host& host)
        : row_(parse_template(values, host, 1)), max_length_(static_cast<std::uint32_t>(values.integer("max_length"))),
          cuts_(values.text("truncate") != "none") {
        if (row_.literal_count >= max_length_)
            values.refuse("max_length", {.found = std::to_string(max_length_),
                                         .expected = "more than the template's own " + std::to_string(row_.literal_count)});
        budget_ = max_length_ - std::min(max_length_, row_.literal_count);
        wanted_ = cuts_ ? budget_ : budget_ + 1;
    }

    el_segment_facts facts() const override {
        return {.flags = EL_ROW_PER_RECORD, .field_count = 1, .max_length = max_length_,
                .segment_ids = row_.segment_count, .window_rows = 1, .fields = &field_, .wanted = &wanted_};
    }

    void plan(sdk::Planning& call, sdk::Scratch*) const override {
        for (std::uint32_t record = 0; record < call.record_count(); ++record) {
            const std::uint32_t length = call.length(record, 0);
            if (length == EL_NONE || (length > budget_ && !cuts_)) {
                call.bad_record(refusal(record, length));
                continue;
            }
            const std::uint32_t kept = std::min(length, budget_);
            plan_row(call, row_, record, {&kept, 1});
            call.good_record();
        }
    }

    std::uint64_t count(const el_segment_call& call, sdk::Scratch*) const override {
        std::uint64_t rows = 0;
        for (std::uint64_t record = 0; record < call.record_count; ++record)
            rows += call.lengths[record] != EL_NONE && (cuts_ || call.lengths[record] <= budget_);
        return rows;
    }

  private:
    sdk::Error refusal(std::uint32_t record, std::uint32_t length) const {
        if (length == EL_NONE) return {.code = EL_BAD_DATA, .found = "no text", .record = record};
        return {.code = EL_BAD_DATA, .found = "more tokens than fit", .expected = "at most " + std::to_string(budget_),
                .hint = "segment.truncate: longest_first cuts them off", .record = record};
    }

    static constexpr el_text field_{"text", 4};
    Template row_;
    std::uint32_t max_length_;
    bool cuts_;
    std::uint32_t budget_ = 0;
    std::uint32_t wanted_ = 0;
};

}  // namespace

EMBEDLOOM_PLUGIN(Single)
