// Objective "mlm": masked language modelling. Some tokens become targets; of those most are replaced by the mask token, some
// by a random one, and the rest stay as they are.
#include <embedloom/sdk/objective.h>

#include <cmath>

namespace {

namespace sdk = embedloom::sdk;

// Streams of the generator: which numbers decide what. Changing one changes every row.
constexpr std::uint32_t choose_stream = 0, replace_stream = 1, shuffle_stream = 2;

/// A share in [0, 1] as a bound for a uniform 32-bit number.
std::uint64_t bound_of(double share) { return static_cast<std::uint64_t>(std::llround(share * 0x1p32)); }

/// One row of a call: its tokens, and where its labels go.
struct Row {
    std::span<const std::uint32_t> ids;
    std::span<const std::uint8_t> special;
    std::span<const std::uint32_t> words;  ///< empty unless whole words are asked for
    std::span<std::uint32_t> changed;
    std::span<std::int64_t> labels;
    const el_key* key;
};

struct Candidate {
    std::uint32_t begin, end;  ///< tokens: one, or a word's
};

struct Candidates final : sdk::Scratch {
    std::vector<Candidate> list;
};

class Mlm final : public sdk::Objective {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "mlm", .version = "1.0.0", .summary = "Masked language modelling: 15 % of the tokens become targets.",
        .doc = "`labels` holds the token at a target and -100 elsewhere. Tokens of the template and special tokens in the text "
               "are never targets. The draw of a row depends on the seed, the epoch and the record alone.\n\n"
               "- `count: each`: every token by its own draw, so the number varies (Hugging Face's data collator).\n"
               "- `count: exact`: round(probability * length of the row) targets, at least one (Google's BERT).\n\n"
               "With `whole_words` a word is a target as a whole; with `exact` a word that would be too many is passed over."};
    static constexpr std::array counts{sdk::word("each"), sdk::word("exact")};
    static constexpr std::array parameters{
        sdk::number("probability").between(0, 1).otherwise("0.15").doc("Share of the tokens that become targets."),
        sdk::number("mask").between(0, 1).otherwise("0.8").doc("Share of the targets that become the mask token."),
        sdk::number("random").between(0, 1).otherwise("0.1").doc("Share of the targets that become a random token."),
        sdk::choice("count").of(counts).otherwise("each").doc("How many targets a row has."),
        sdk::boolean("whole_words").otherwise("false").doc("Targets are whole words, by the tokenizer's word numbers."),
        sdk::integer("max_predictions").between(1, 1 << 20).in("tokens").doc("With `count: exact`: targets of a row at most.")};
    static constexpr std::array columns{sdk::column("labels", EL_I64, EL_AXIS_TOKEN, -100)};

    Mlm(const sdk::Values& values, const sdk::Host& host)
        : probability_(values.number("probability")), choose_below_(bound_of(probability_)),
          mask_below_(bound_of(values.number("mask"))),
          random_below_(bound_of(std::min(1.0, values.number("mask") + values.number("random")))),
          exact_(values.text("count") == "exact"), whole_words_(values.boolean("whole_words")),
          most_(values.has("max_predictions") ? values.size("max_predictions") : UINT64_MAX) {
        if (values.number("mask") + values.number("random") > 1.0 + 1e-9)
            values.refuse("random", {.found = "mask + random over 1", .expected = "shares that fit together"});
        if (!exact_ && values.has("max_predictions"))
            values.refuse("max_predictions", {.found = "a limit for `count: each`", .expected = "none",
                                              .hint = "add `count: exact`"});
        const el_vocabulary* vocabulary = host.vocabulary();
        mask_ = vocabulary ? vocabulary->mask : EL_NONE;
        vocab_size_ = vocabulary ? vocabulary->vocab_size : 0;
        if (mask_ == EL_NONE)
            throw sdk::Error{.parameter = "use", .found = "a tokenizer without a mask token",
                             .expected = "one whose vocabulary has [MASK] or <mask>"};
    }

    el_objective_facts facts() const override { return {.needs_words = whole_words_}; }
    std::unique_ptr<sdk::Scratch> make_scratch() const override { return std::make_unique<Candidates>(); }

    void apply(const el_objective_call& call, const el_writer* out, sdk::Scratch* scratch) const override {
        const std::uint64_t tokens = call.row_count ? call.row_ends[call.row_count - 1] : 0;
        sdk::Column<std::uint32_t> ids(out, EL_APPLY_IDS);
        sdk::Column<std::int64_t> labels(out, EL_APPLY_COLUMN(0));
        std::uint32_t* changed = ids.reserve(tokens);
        std::int64_t* label = labels.reserve(tokens);
        std::copy_n(call.ids, tokens, changed);
        std::fill_n(label, tokens, std::int64_t{-100});
        for (std::uint64_t r = 0, begin = 0; r < call.row_count; begin = call.row_ends[r++]) {
            const std::size_t length = call.row_ends[r] - begin;
            const Row row{{call.ids + begin, length}, {call.special + begin, length},
                          whole_words_ ? std::span(call.words + begin, length) : std::span<const std::uint32_t>(),
                          {changed + begin, length}, {label + begin, length}, &call.keys[r]};
            exact_ || whole_words_ ? mask_candidates(row, static_cast<Candidates&>(*scratch).list) : mask_each(row);
        }
        ids.commit(tokens);
        labels.commit(tokens);
    }

  private:
    /// Each token by its own number; four tokens share one block of the generator.
    void mask_each(const Row& row) const {
        std::uint32_t numbers[4];
        for (std::uint32_t i = 0; i < row.ids.size(); ++i) {
            if (i % 4 == 0) el_draw(row.key, choose_stream, i / 4, numbers);
            if (numbers[i % 4] < choose_below_ && !row.special[i]) make_target(row, i);
        }
    }

    void mask_candidates(const Row& row, std::vector<Candidate>& list) const {
        collect(row, list);
        if (!exact_) {
            std::uint32_t numbers[4];
            for (const Candidate& candidate : list) {
                el_draw(row.key, choose_stream, candidate.begin / 4, numbers);
                if (numbers[candidate.begin % 4] < choose_below_) make_targets(row, candidate);
            }
            return;
        }
        // nearbyint: half to even, as Python rounds.
        const auto wanted = static_cast<std::uint64_t>(std::nearbyint(static_cast<double>(row.ids.size()) * probability_));
        std::uint64_t left = std::min(most_, std::max<std::uint64_t>(1, wanted));
        std::uint32_t index = 0;
        for (std::size_t i = 0; i < list.size() && left; ++i) {
            std::swap(list[i], list[i + el_below(row.key, shuffle_stream, &index, list.size() - i)]);
            const std::uint64_t size = list[i].end - list[i].begin;
            if (size > left) continue;
            left -= size;
            make_targets(row, list[i]);
        }
    }

    /// Tokens that may be targets, or their words.
    static void collect(const Row& row, std::vector<Candidate>& list) {
        list.clear();
        for (std::uint32_t i = 0; i < row.ids.size(); ++i) {
            if (row.special[i]) continue;
            const bool joins = !row.words.empty() && !list.empty() && list.back().end == i && row.words[i] != EL_NONE &&
                               row.words[i] == row.words[i - 1];
            joins ? void(++list.back().end) : list.push_back({i, i + 1});
        }
    }

    void make_targets(const Row& row, const Candidate& candidate) const {
        for (std::uint32_t i = candidate.begin; i < candidate.end; ++i) make_target(row, i);
    }

    void make_target(const Row& row, std::uint32_t i) const {
        std::uint32_t numbers[4];
        el_draw(row.key, replace_stream, i, numbers);
        row.labels[i] = row.ids[i];
        if (numbers[0] < mask_below_)
            row.changed[i] = mask_;
        else if (numbers[0] < random_below_)
            row.changed[i] = static_cast<std::uint32_t>((std::uint64_t{numbers[1]} * vocab_size_) >> 32);
    }

    double probability_;
    std::uint64_t choose_below_, mask_below_, random_below_;
    bool exact_, whole_words_;
    std::uint64_t most_;
    std::uint32_t mask_ = EL_NONE, vocab_size_ = 0;
};

}  // namespace

EMBEDLOOM_PLUGIN(Mlm)
