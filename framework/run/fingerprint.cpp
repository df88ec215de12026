// Feeding of the digests.
#include <embedloom/base/sha256.h>
#include <embedloom/run/fingerprint.h>

#include <sstream>

namespace embedloom::run {

namespace {

constexpr std::size_t digits = 32;

std::string digest_of(const std::string& text) { return base::sha256_hex(text).substr(0, digits); }

/// Where the digest of a part begins, or npos.
std::size_t place_of(std::string_view fingerprint, std::string_view name) {
    const std::string key = std::string(name) + ":";
    const std::size_t at = fingerprint.find(key);
    return at == std::string_view::npos || at + key.size() + digits > fingerprint.size() ? std::string_view::npos : at + key.size();
}

}  // namespace

std::string fingerprint_of(const config::Spec& spec, const Stages& stages) {
    std::string models, data;
    for (const host::UsedFile& file : stages.services.files)
        models += file.stage + " " + std::to_string(file.bytes) + " " + file.digest + "\n";
    for (const host::SourceFile& file : stages.source->extent().files) data += std::to_string(file.bytes) + " " + file.digest + "\n";
    return "config:" + digest_of(config::to_canonical_text(spec, config::Part::rows_only)) + ".models:" + digest_of(models) +
           ".data:" + digest_of(data);
}

std::string source_settings(const config::Spec& spec) {
    std::istringstream lines(config::to_canonical_text(spec, config::Part::rows_only));
    std::string out;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("source")) out += line + "\n";
    return out;
}

std::string part_of(std::string_view fingerprint, std::string_view name) {
    const std::size_t at = place_of(fingerprint, name);
    return at == std::string_view::npos ? "" : std::string(fingerprint.substr(at, digits));
}

std::string with_part(std::string fingerprint, std::string_view name, const std::string& digest) {
    const std::size_t at = place_of(fingerprint, name);
    return at == std::string_view::npos ? fingerprint : fingerprint.replace(at, digits, digest);
}

}  // namespace embedloom::run
