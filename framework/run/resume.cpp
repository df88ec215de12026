// Comparing fingerprints part by part.
#include <embedloom/base/error.h>
#include <embedloom/run/fingerprint.h>
#include <embedloom/run/resume.h>

namespace embedloom::run {

namespace {

/// What people call the parts of a fingerprint that differ.
std::string differences(const std::string& ours, const std::string& theirs) {
    std::string out;
    for (const FingerprintPart& part : fingerprint_parts)
        if (part_of(ours, part.name) != part_of(theirs, part.name)) out += (out.empty() ? "" : ", ") + std::string(part.meaning);
    return out.empty() ? "a fingerprint of another form" : out;
}

}  // namespace

loom::Checkpoint resume_from(std::string_view text, const ResumeRules& rules) try {
    loom::Checkpoint checkpoint = loom::checkpoint_from_json(text);
    if (rules.accept_changed_data)
        checkpoint.fingerprint = with_part(checkpoint.fingerprint, "data", part_of(rules.fingerprint, "data"));
    if (checkpoint.fingerprint != rules.fingerprint)
        throw base::Failure({.code = base::Code::config, 
                             .found = "a state of another run: other " + differences(rules.fingerprint, checkpoint.fingerprint),
                             .expected = "the same as when the state was taken",
                             .hint = "run what the state belongs to, or begin without it; for data that is meant to be other: --accept-changed-data"});
    loom::check_resume(checkpoint, rules.shape, rules.fingerprint);
    return checkpoint;
} catch (const base::Failure& failure) {
    base::Error error = failure.first();
    error.source = rules.name;
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
