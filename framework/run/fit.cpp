// Sizes against sizes.
#include <embedloom/run/fit.h>

#include <algorithm>

namespace embedloom::run {

namespace {

class Fit {
  public:
    Fit(const config::Spec& spec, Stages& stages, Findings findings)
        : embedding_(*spec.embedding()), position_(spec.position()), batch_(spec.batch()), stages_(stages), findings_(findings) {}

    void token_rows() {
        if (!stages_.tokenizer) return;
        const std::uint64_t rows = token().rows, vocab = stages_.tokenizer->vocabulary().vocab_size;
        if (rows < vocab)
            error("token", "a table of " + std::to_string(rows) + " rows",
                  "a row for each of the tokenizer's " + std::to_string(vocab) + " ids", "the table is of another model");
        if (rows > vocab)
            findings_.notes.push_back(located("token", {.severity = base::Severity::note,
                                                        .found = std::to_string(rows) + " rows for " + std::to_string(vocab) + " ids",
                                                        .hint = "the last rows are never used"}));
    }

    void segment() {
        if (!stages_.embedding.segment) return;
        const el_table_view& table = stages_.embedding.segment->view();
        same_width("segment", table.width);
        const std::uint32_t ids = stages_.segment ? stages_.segment->facts().segment_ids : 0;
        if (table.rows < ids)
            error("segment", "a table of " + std::to_string(table.rows) + " rows",
                  "a row for each of the template's " + std::to_string(ids) + " segment ids", "see segment.template");
    }

    void norm() {
        const config::Section* norm = embedding_.section("norm");
        const auto check = [&](const char* name, const std::optional<host::TableStage>& table) {
            if (!table) return;
            const el_table_view& view = table->view();
            if (view.rows != 1 || view.width != token().width)
                findings_.errors.push_back(config::error_at(
                    norm->at(name), {.found = "[" + std::to_string(view.rows) + ", " + std::to_string(view.width) + "]",
                                     .expected = "a vector of the token table's width, [" + std::to_string(token().width) + "]"}));
        };
        if (norm) check("weight", stages_.embedding.norm_weight), check("bias", stages_.embedding.norm_bias);
    }

    void position(std::uint32_t longest) {
        if (!stages_.position || stages_.position->form() != EL_POSITION_VECTORS) return;
        host::PositionStage& stage = *stages_.position;
        if (stage.width() == 0) {
            for (const host::Problem& problem : stage.set_width(token().width).problems)
                findings_.errors.push_back(config::error_at(*position_, problem.error));
        } else if (stage.width() != token().width) {
            findings_.errors.push_back(config::error_at(*position_, {.found = "vectors of width " + std::to_string(stage.width()),
                                                                     .expected = "the token table's width, " + std::to_string(token().width)}));
        }
        if (stage.max_positions() < longest)
            findings_.errors.push_back(config::error_at(
                *position_, {.found = std::to_string(stage.max_positions()) + " positions",
                             .expected = "one for each token of the longest row, " + std::to_string(longest),
                             .hint = position_hint(stage.max_positions())}));
    }

  private:
    /// What makes rows longer than the positions: the rows themselves, or only that their length is rounded up.
    std::string position_hint(std::uint64_t positions) const {
        const std::uint64_t row = stages_.segment ? stages_.segment->facts().max_length : 0;
        const auto fixed = static_cast<std::uint64_t>(batch_.integer_or_word("pad").value_or(0));
        return positions >= std::max(row, fixed) ? "make batch.pad_multiple smaller" : "make segment.max_length or batch.pad smaller";
    }

    const el_table_view& token() const { return stages_.embedding.token->view(); }
    base::Error located(const char* name, base::Error error) const {
        return config::error_at(embedding_.at(name), std::move(error));
    }
    void error(const char* name, std::string found, std::string expected, std::string hint) {
        findings_.errors.push_back(located(name, {.found = std::move(found), .expected = std::move(expected), .hint = std::move(hint)}));
    }
    void same_width(const char* name, std::uint32_t width) {
        if (width != token().width)
            error(name, "a table of width " + std::to_string(width),
                  "the token table's width, " + std::to_string(token().width), "");
    }

    const config::Section& embedding_;
    const config::Section* position_;
    const config::Section& batch_;
    Stages& stages_;
    Findings findings_;
};

}  // namespace

void check_embedding(const config::Spec& spec, Stages& stages, std::uint32_t longest, Findings findings) {
    if (!stages.embedding.token) {
        if (!spec.embedding()->at("token").is_default) return;  // its own error is told already
        findings.errors.push_back(config::error_at(*spec.embedding(), {.found = "no token table", .expected = "embedding.token"}));
        return;
    }
    Fit fit(spec, stages, findings);
    fit.token_rows();
    fit.segment();
    fit.norm();
    fit.position(longest);
}

}  // namespace embedloom::run
