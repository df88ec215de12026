// Looks through folders for data files, so that none is left out in silence.
#pragma once

#include <embedloom/base/error.h>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace embedloom::config {

/// A path in quotes, never cut: what it became is what helps.
std::string whole_path(std::string_view path);

/// What is wrong with a path that the system refuses: not allowed (77), or not there (66).
base::Error not_readable(const std::string& path, const std::error_code& error);

/// Throws base::Failure (config) where there are too many.
void require_room(const std::vector<std::string>& files);

/// Throws base::Failure unless `path` is a regular file, or a link to one, that this process may read. Reads nothing.
void require_readable(const std::string& path);

/// Adds all regular files below `folder` but hidden ones. Links count as what they lead to; a folder that several lead to is looked
/// through once, by its own name where it has one here. Throws base::Failure with the first folder or file that cannot be read,
/// and for a link that leads nowhere.
void add_folder(const std::string& folder, std::vector<std::string>& files);

/// The paths that a pattern of `*`, `?` and `[...]` matches, in no order. Throws base::Failure where a folder on the way cannot be
/// looked through.
std::vector<std::string> glob_matches(const std::string& pattern);

}  // namespace embedloom::config
