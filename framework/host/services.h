// What the host lends to all stages of a session: log, cancellation, mapped files and their digests, the cache, the
// vocabulary of the tokenizer.
#pragma once

#include <embedloom/abi/host.h>
#include <embedloom/base/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::host {

class TokenizerStage;

/// A file that a stage mapped: part of what the run was made from.
struct UsedFile {
    std::string stage;    ///< path in the config
    std::string path;
    std::uint64_t bytes = 0;
    std::string digest;   ///< base::sampled_sha256_hex
};

/// One for a session; must outlive its instances. Members may be set between the making of stages, not during calls.
struct Services {
    std::function<void(base::Severity, std::string_view line)> log = {};  ///< [any-thread]; empty: lines are dropped
    std::function<bool()> is_cancelled = {};                              ///< [any-thread]; empty: never
    std::filesystem::path cache = {};           ///< the cache's folder, made when it is needed; empty: there is no cache
    const TokenizerStage* tokenizer = nullptr;  ///< for the stages made from now on
    const el_records* records = nullptr;        ///< lent to the run; lives longer than the instances
    bool records_are_taken = false;             ///< a stage asked for them
    std::vector<UsedFile> files = {};           ///< filled as stages map files, in that order
};

}  // namespace embedloom::host
