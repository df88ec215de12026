// Going on from a state: whether it belongs to this run, and if not, what is another.
#pragma once

#include <embedloom/loom/checkpoint.h>

#include <string>
#include <string_view>

namespace embedloom::run {

/// What a session must be to go on from a state.
struct ResumeRules {
    loom::Shape shape;
    std::string fingerprint;          ///< see fingerprint_of
    bool accept_changed_data = false;
    bool is_of_one_epoch = false;     ///< the caller says which epoch comes, whatever the shape says
    std::string name;                 ///< of the state's file, for messages
};

struct Resumed {
    loom::Checkpoint checkpoint;
    bool has_other_data = false;  ///< then the ledger has no rows pending: those of the windows that were begun are no longer the same
};

/// Reads what Session::state() gave. Throws base::Failure: bad_data for a text that is none, config where it is another run's, with
/// the part of the fingerprint that differs: the config, its model files or the data. `run.epochs` is no part of it: more of them may be
/// run from a state, but for one of an end that they would not have had.
Resumed resume_from(std::string_view text, const ResumeRules& rules);

/// Throws base::Failure (config), with the parts that differ, where a process of a run that is spread over several finds another
/// fingerprint than the one that began it. An empty `wanted` is any.
void check_same_run(const std::string& ours, const std::string& wanted);

}  // namespace embedloom::run
