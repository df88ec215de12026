// The declaration of a stage, taken out of a plugin's memory: copied, walked by its stated sizes, checked for sense.
#pragma once

#include <embedloom/abi/plugin.h>

#include <string>
#include <vector>

namespace embedloom::host {

/// A stage whose arrays are the host's own, so that they can be walked by index; texts and functions stay the plugin's.
class CheckedStage {
  public:
    /// Throws base::Failure (config) with everything that makes the declaration unfit; `file` is for messages.
    CheckedStage(const el_stage* declared, const std::string& file);
    CheckedStage(const CheckedStage&) = delete;
    CheckedStage& operator=(const CheckedStage&) = delete;
    const el_stage& stage() const { return stage_; }

  private:
    el_stage stage_{};
    std::vector<el_parameter> parameters_;
    std::vector<el_column> columns_;
};

}  // namespace embedloom::host
