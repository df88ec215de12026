// Segment strategy "pair": two texts make one row, such as [CLS] question [SEP] context [SEP].
#include <embedloom/sdk/segment.h>

#include "common/template.h"
#include "common/truncation.h"

namespace {

namespace sdk = embedloom::sdk;
using namespace embedloom::plugins;

class Pair final : public sdk::Segment {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "pair", .version = "1.0.0", .summary = "Two texts a row: [CLS] text [SEP] pair [SEP].",
        .doc = "`template` says what stands around the texts: `$A` is the record's `text`, `$B` its `pair`, every other word a "
               "token of the vocabulary, `:N` after a word its segment id. RoBERTa: `<s> $A </s> </s> $B </s>`."};
    static constexpr std::array words{sdk::word("longest_first"), sdk::word("longest_first_google"), sdk::word("only_first"),
                                      sdk::word("only_second"), sdk::word("none")};
    static constexpr std::array parameters{
        sdk::text("template").otherwise("[CLS] $A [SEP] $B:1 [SEP]:1").doc("What a row is made of."),
        sdk::integer("max_length").between(1, 1 << 20).otherwise("512").in("tokens").doc(
            "Tokens of the longest row, those of the template included."),
        sdk::choice("truncate").of(words).otherwise("longest_first").doc(
            "Which text is shortened when both are too long together: the longer one as Hugging Face or as Google's BERT "
            "does it, only one of them (a bad record when that is not enough), or (none) too long is a bad record.")};

    Pair(const sdk::Values& values, const sdk::Host& host)
        : row_(parse_template(values, host, 2)), max_length_(static_cast<std::uint32_t>(values.integer("max_length"))),
          rule_(truncation_of(values.text("truncate"))) {
        if (row_.literal_count >= max_length_)
            values.refuse("max_length", {.found = std::to_string(max_length_),
                                         .expected = "more than the template's own " + std::to_string(row_.literal_count)});
        budget_ = max_length_ - std::min(max_length_, row_.literal_count);
        // More than budget + 1 tokens of a text change no decision, but for one: with an odd budget Hugging Face gives the
        // odd token to the text that is longer before it is cut.
        const bool needs_all = rule_ == Truncation::longest_first && budget_ % 2 == 1;
        wanted_ = {needs_all ? EL_NONE : budget_ + 1, needs_all ? EL_NONE : budget_ + 1};
    }

    el_segment_facts facts() const override {
        return {.flags = EL_ROW_PER_RECORD, .field_count = 2, .max_length = max_length_,
                .segment_ids = row_.segment_count, .window_rows = 1, .fields = fields_.data(), .wanted = wanted_.data()};
    }

    void plan(sdk::Planning& call, sdk::Scratch*) const override {
        for (std::uint32_t record = 0; record < call.record_count(); ++record) {
            const auto kept = kept_of(call.length(record, 0), call.length(record, 1));
            if (!kept) {
                call.bad_record(refusal(record, call.length(record, 0), call.length(record, 1)));
                continue;
            }
            const std::array lengths{static_cast<std::uint32_t>(kept->first), static_cast<std::uint32_t>(kept->second)};
            plan_row(call, row_, record, lengths);
            call.good_record();
        }
    }

    std::uint64_t count(const el_segment_call& call, sdk::Scratch*) const override {
        std::uint64_t rows = 0;
        for (std::uint64_t record = 0; record < call.record_count; ++record)
            rows += kept_of(call.lengths[2 * record], call.lengths[2 * record + 1]).has_value();
        return rows;
    }

  private:
    std::optional<PairLengths> kept_of(std::uint32_t first, std::uint32_t second) const {
        if (first == EL_NONE || second == EL_NONE) return std::nullopt;
        return shorten({first, second}, budget_, rule_);
    }
    sdk::Error refusal(std::uint32_t record, std::uint32_t first, std::uint32_t second) const {
        if (first == EL_NONE || second == EL_NONE)
            return {.code = EL_BAD_DATA, .found = first == EL_NONE ? "no text" : "no pair", .record = record};
        return {.code = EL_BAD_DATA, .found = "more tokens than fit", .expected = "at most " + std::to_string(budget_),
                .hint = "segment.truncate: longest_first shortens both", .record = record};
    }

    static constexpr std::array<el_text, 2> fields_{el_text{"text", 4}, el_text{"pair", 4}};
    Template row_;
    std::uint32_t max_length_;
    Truncation rule_;
    std::uint32_t budget_ = 0;
    std::array<std::uint32_t, 2> wanted_{};
};

}  // namespace

EMBEDLOOM_PLUGIN(Pair)
