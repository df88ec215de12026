// Makes instances of the plugin under test, with a pipeline around them as small as can be.
#pragma once

#include <embedloom/host/registry.h>
#include <embedloom/host/stage.h>
#include <embedloom/host/tokenizer_stage.h>
#include <embedloom/testkit/conformance.h>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace embedloom::testkit {

/// A check that does not hold: what() says what was seen.
struct Unmet : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// A check that cannot be made here: what() says why.
struct Skipped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A check that is about something that the stage does not have: what() says what.
struct NotConcerned : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws Unmet with the text unless the condition holds.
inline void expect(bool holds, const std::string& otherwise) {
    if (!holds) throw Unmet(otherwise);
}
/// Throws Unmet with the outcome's problems unless the call succeeded.
void expect(const host::Outcome& outcome, const std::string& call);

/// Lives in a check's process.
class Workshop {
  public:
    /// `folder`: an empty one of its own, which the caller removes.
    Workshop(const Subject& subject, const Options& options, std::filesystem::path folder);
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;

    const Options& options() const { return options_; }
    host::Services& services() { return services_; }
    const el_stage& stage(const host::StageName& name);

    /// Values for a stage: its settings, else its defaults; folders for output are made. Throws Skipped where a required
    /// parameter has no setting.
    std::vector<host::Value> values(const el_stage& stage);
    /// An instance with these values. Throws base::Failure.
    std::shared_ptr<host::Instance> make(const el_stage& stage, std::vector<host::Value> values);
    std::shared_ptr<host::Instance> make(const host::StageName& name);
    const std::filesystem::path& folder() const { return folder_; }

  private:
    host::Value value(const el_parameter& parameter, const std::string& setting);

    const Subject& subject_;
    const Options& options_;
    host::Registry registry_;
    host::Services services_;
    std::filesystem::path folder_;
    std::unique_ptr<host::TokenizerStage> tokenizer_;  // before the stages that look at its vocabulary
};

/// A tokenizer of this program's own, for stages that need a vocabulary: ids of [UNK] [CLS] [SEP] [PAD] [MASK] <s> </s>
/// are 0 to 6, and 64 in all.
const el_stage& sample_tokenizer();

/// A table for sources of records that are lent: columns text, pair, label and input_ids, 120 rows in three chunks, among them nulls and
/// texts that are no UTF-8.
const el_records& sample_records();

}  // namespace embedloom::testkit
