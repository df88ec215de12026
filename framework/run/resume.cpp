// Comparing fingerprints part by part.
#include <embedloom/base/error.h>
#include <embedloom/run/fingerprint.h>
#include <embedloom/run/resume.h>

#include <utility>

namespace embedloom::run {

namespace {

/// What people call the parts of a fingerprint that differ.
std::string differences(const std::string& ours, const std::string& theirs) {
    std::string out;
    for (const FingerprintPart& part : fingerprint_parts)
        if (part_of(ours, part.name) != part_of(theirs, part.name)) out += (out.empty() ? "" : ", ") + std::string(part.meaning);
    return out.empty() ? "a fingerprint of another form" : out;
}

/// A run of more epochs would have filled the last batch of a shorter one with rows of the next epoch.
void check_epochs(const loom::State& state, const loom::Shape& shape) {
    const std::uint64_t begun = state.epoch + 1;
    const bool is_beyond = shape.epochs && begun > *shape.epochs, is_other_end = state.ended && (!shape.epochs || begun < *shape.epochs);
    if (!is_beyond && !is_other_end) return;
    const std::string epochs = std::to_string(begun) + (begun == 1 ? " epoch" : " epochs");
    throw base::Failure({.code = base::Code::config,
                         .key_path = "run.epochs",
                         .found = is_beyond ? "a state in which " + epochs + " have begun" : "a state of the end of a run of " + epochs,
                         .expected = is_beyond ? "at most the " + std::to_string(*shape.epochs) + " of the run"
                                               : "one before that end, whose last batch more epochs would have filled up",
                         .hint = is_beyond ? "give run.epochs a larger number, or begin without the state"
                                           : "begin without the state; of a run with batch.tail: drop any state goes on"});
}

}  // namespace

Resumed resume_from(std::string_view text, const ResumeRules& rules) try {
    loom::Checkpoint checkpoint = loom::checkpoint_from_json(text);
    const bool has_other_data = rules.accept_changed_data && part_of(checkpoint.fingerprint, "data") != part_of(rules.fingerprint, "data");
    if (has_other_data) {
        checkpoint.fingerprint = with_part(checkpoint.fingerprint, "data", part_of(rules.fingerprint, "data"));
        loom::Ledger& ledger = checkpoint.ledger;
        ledger.read -= ledger.pending + static_cast<std::uint64_t>(ledger.elsewhere);
        ledger.pending = 0;
        ledger.elsewhere = 0;
    }
    if (checkpoint.fingerprint != rules.fingerprint)
        throw base::Failure({.code = base::Code::config,
                             .found = "a state of another run: other " + differences(rules.fingerprint, checkpoint.fingerprint),
                             .expected = "the same as when the state was taken",
                             .hint = "run what the state belongs to, or begin without it; for data that is meant to be other: --accept-changed-data"});
    loom::check_resume(checkpoint, rules.shape, rules.fingerprint);
    if (!rules.is_of_one_epoch) check_epochs(checkpoint.state, rules.shape);
    return {std::move(checkpoint), has_other_data};
} catch (const base::Failure& failure) {
    base::Error error = failure.first();
    error.source = rules.name;
    if (error.hint.empty()) error.hint = "begin anew, without it";
    throw base::Failure(std::move(error));
}

void check_same_run(const std::string& ours, const std::string& wanted) {
    if (wanted.empty() || ours == wanted) return;
    throw base::Failure({.code = base::Code::config,
                         .found = "other " + differences(ours, wanted) + " here than where the run was begun",
                         .expected = "the same on every machine",
                         .hint = "files that changed meanwhile, or another version or copy of them on this machine"});
}

}  // namespace embedloom::run
