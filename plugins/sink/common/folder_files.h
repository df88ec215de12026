// Which file of a folder of batches is what, and whose, by its name alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::plugins {

/// What a name stands for. `half`: what a stopped run left half written.
enum class Role { batch, half, list, manifest, lock, other };

/// Of a run of some ranks: a rank's own files, those of the other ranks, and those that no rank of it writes.
enum class Owner { own, fellow, foreign };

struct FolderFile {
    std::string name;
    Role role = Role::other;
    std::optional<std::uint32_t> rank = {};  ///< none: of a run without ranks
    std::uint64_t step = 0;                  ///< of a batch
};

/// A line of batches.jsonl.
struct BatchLine {
    std::uint64_t step, bytes;
    std::string file;
};

FolderFile file_of(std::string_view name);
/// All files that are not `other`. Throws std::filesystem::filesystem_error.
std::vector<FolderFile> files_of(const std::string& folder);

Owner owner_of(const FolderFile& file, std::uint32_t rank, std::uint32_t world);

/// Nothing where it is no such line, or only a part of one.
std::optional<BatchLine> batch_line_of(std::string_view line);

}  // namespace embedloom::plugins
