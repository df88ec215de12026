// What the parts of the module share: how a config is named by Python, and who adds what.
#pragma once

#include <embedloom/python/errors.h>
#include <embedloom/run/lent_records.h>
#include <nanobind/nanobind.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace embedloom::python {

/// A config and what a caller adds to it.
struct Opening {
    std::string config;                ///< the file, or what a text is called
    std::optional<std::string> text;   ///< YAML instead of a file
    bool is_made = false;              ///< the text was made of a dict: nobody has seen its lines
    std::filesystem::path folder;      ///< what a text's paths are relative to
    std::filesystem::path home;        ///< has the folder plugins/
    std::vector<std::string> sets;     ///< "key.path=value"
    std::vector<std::filesystem::path> plugin_folders;
    std::optional<std::uint32_t> threads;
    std::optional<std::uint64_t> steps;
    std::optional<std::uint32_t> rank, world_size;
    std::string state;                 ///< to go on from; empty: from the beginning
    std::string fingerprint;           ///< of the run that this is a part of; empty: any
    bool accept_changed_data = false;
    std::shared_ptr<const run::LentRecords> records;  ///< the source's data; null: the config says where it is

    /// Runs `body`; its failures are told as a Python user should read them.
    template <class Body>
    auto guard(Body body) const {
        try {
            return body();
        } catch (const base::Failure& failure) {
            throw for_python(failure, config, is_made ? Places::drop : Places::keep);
        }
    }
};

/// What open(records=) was given, read from its stream once.
struct Records {
    std::shared_ptr<const run::LentRecords> lent;
};

void bind_records(nanobind::module_& module);
void bind_opening(nanobind::module_& module);
void bind_sessions(nanobind::module_& module);
void bind_encoders(nanobind::module_& module);

}  // namespace embedloom::python
