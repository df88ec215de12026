// A folder of batch files: each appears whole or not at all, a line tells of each, and a manifest ends it.
#pragma once

#include <embedloom/sdk/sink.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "folder_files.h"
#include "folder_lock.h"

namespace embedloom::plugins {

/// What a sink does with a folder that holds batches already.
enum class Existing { refuse, replace };

/// The parameters of every sink that writes such a folder.
inline constexpr std::array existing_words{sdk::word("refuse"), sdk::word("replace")};
inline constexpr std::array folder_parameters{
    sdk::directory("directory").required().keeps_rows().doc("The folder; made if it is not there."),
    sdk::choice("existing").of(existing_words).otherwise("refuse").keeps_rows().doc(
        "When the folder holds batches of another run, of any kind and number of ranks: refuse it, or replace them.")};

/// The folder of one run (one rank of it). Not for two threads.
///   batch-00000000.safetensors, with -r00001 after the number when there are ranks; by step
///   batches.jsonl   a line a batch: step, rows, file, bytes, sha256
///   manifest.json   at the end of a whole run: the fingerprint and the same of all batches
/// Errors: sdk::Error EL_CANNOT_CREATE (a full disk, a folder in use), EL_NO_INPUT (a resumed run's files), EL_PERMISSION,
/// EL_RESOURCES, EL_IO.
class BatchFolder {
  public:
    /// `values`: of folder_parameters. `ending`: of the files, ".jsonl".
    BatchFolder(const sdk::Values& values, const sdk::Host& host, std::string ending);

    /// Makes the folder, and keeps other runs out of it until close(). A run that begins refuses or replaces what is there: batches of
    /// any kind under its own rank's names and under those that no rank of it has. The names of its other ranks are for them to judge,
    /// since ranks begin when they like. A resumed run finds all that is listed before it (EL_NO_INPUT), and removes what later steps left.
    void open(const el_run_facts& run);

    /// Writes the pieces as the file of a step: to a temporary name, synced, then renamed. Adds its line to batches.jsonl.
    void write(std::uint64_t step, std::uint64_t rows, std::span<const std::string_view> pieces);

    /// Writes the manifest.
    void close();

  private:
    std::string path(const std::string& name) const { return directory_ + "/" + name; }
    std::string rank_suffix() const;
    std::string list_name() const;
    std::string name_of(std::uint64_t step) const;
    std::vector<std::string> lines_before(const std::string& list, std::uint64_t end) const;
    void write_lines(const std::string& list, const std::vector<std::string>& lines) const;
    bool is_of_other_world(const FolderFile& manifest) const;
    void refuse_earlier_run(const std::vector<FolderFile>& files) const;
    void require_whole(const std::vector<FolderFile>& files, std::uint64_t first_step) const;
    void clear(const std::vector<FolderFile>& files, std::uint64_t from_step);

    sdk::Host host_;
    std::string directory_, ending_;
    Existing existing_;
    std::string fingerprint_;
    std::uint32_t rank_ = 0, world_ = 1;
    std::vector<std::string> lines_;
    std::optional<FolderLock> lock_;
};

/// `text` in double quotes, escaped for JSON.
std::string json_text(std::string_view text);

}  // namespace embedloom::plugins
