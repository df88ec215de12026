// What a run's rows depend on, as digests: config values that can change a row, plugin versions, model files, data.
#pragma once

#include <embedloom/config/spec.h>
#include <embedloom/run/stages.h>

#include <array>
#include <string>
#include <string_view>

namespace embedloom::run {

struct FingerprintPart {
    std::string_view name;
    std::string_view meaning;
};
inline constexpr std::array fingerprint_parts{FingerprintPart{"config", "config values or plugin versions"},
                                              FingerprintPart{"models", "vocabularies or tables"},
                                              FingerprintPart{"data", "data files (their sizes, order or sampled content)"}};

/// "config:<32 hexadecimal digits>.models:<32>.data:<32>", the beginnings of SHA-256. The source is open. No times, no absolute paths.
std::string fingerprint_of(const config::Spec& spec, const Stages& stages);

/// What a config says of its source, but for the files.
std::string source_settings(const config::Spec& spec);

/// The digest of a part; empty where it has none of the name.
std::string part_of(std::string_view fingerprint, std::string_view name);
/// The fingerprint with another digest for a part that it has.
std::string with_part(std::string fingerprint, std::string_view name, const std::string& digest);

}  // namespace embedloom::run
