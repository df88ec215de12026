// Entries are written beside their name and renamed; a lock file for each key lets one process work while others wait.
#include <embedloom/host/cache.h>

#include <embedloom/base/atomic_file.h>
#include <embedloom/base/error.h>
#include <embedloom/base/system_error.h>

#include <algorithm>

namespace embedloom::host {

namespace {

namespace fs = std::filesystem;

bool is_key(std::string_view key) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    return !key.empty() && key.size() <= 200 && key[0] != '.' && std::ranges::all_of(key, fits);
}

void check_key(std::string_view key) {
    if (!is_key(key))
        throw base::Failure(base::Error{.code = base::Code::internal, .found = "the cache key '" + std::string(key) + "'",
                                        .expected = "at most 200 letters, digits, '-', '_' and '.', not starting with '.'"});
}

}  // namespace

CacheClaims::CacheClaims(fs::path folder, std::function<bool()> is_cancelled)
    : folder_(std::move(folder)), is_cancelled_(std::move(is_cancelled)) {}

std::string_view CacheClaims::find(std::string_view key) {
    check_key(key);
    if (folder_.empty()) return {};
    const std::string entry = (folder_ / key).string();
    if (!fs::exists(entry)) claim(key);
    if (!fs::exists(entry)) return {};
    claims_.erase(std::string(key));  // another process made it while we waited
    return paths_[std::string(key)] = entry;
}

/// Waits until no other process works on the key; it may have made the entry then.
CacheClaims::Claim& CacheClaims::claim(std::string_view key) {
    if (const auto mine = claims_.find(key); mine != claims_.end()) return mine->second;
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error)
        throw base::Failure(base::Error{
            .code = base::code_of_errno(error.value()) == base::Code::permission ? base::Code::permission : base::Code::cannot_create,
            .source = folder_.string(), .found = "a cache folder that cannot be made", .hint = "see run.cache",
            .cause = error.message()});
    const std::string name(key);
    Claim claim{base::FileLock((folder_ / ("." + name + ".lock")).string()), "", (folder_ / name).string()};
    if (!claim.lock.wait(is_cancelled_))
        throw base::Failure(base::Error{.code = base::Code::interrupted, .source = claim.entry,
                                        .found = "the run being stopped while another process makes this entry"});
    return claims_.emplace(name, std::move(claim)).first->second;
}

std::string_view CacheClaims::begin(std::string_view key) {
    check_key(key);
    if (folder_.empty())
        throw base::Failure(base::Error{.code = base::Code::config, .found = "no cache", .expected = "a folder",
                                        .hint = "set run.cache"});
    Claim& mine = claim(key);
    // The lock is held, so one name is enough, and what a process that died left behind is overwritten.
    mine.temporary = (folder_ / ("." + std::string(key) + ".part")).string();
    return mine.temporary;
}

void CacheClaims::end(std::string_view key, bool keep) {
    const auto mine = claims_.find(key);
    if (mine == claims_.end() || mine->second.temporary.empty())
        throw base::Failure(base::Error{.code = base::Code::internal, .found = "cache_end without cache_begin"});
    const Claim claim = std::move(mine->second);
    claims_.erase(mine);
    std::error_code ignored;
    if (keep) return base::publish_file(claim.temporary, claim.entry);
    fs::remove(claim.temporary, ignored);
}

void CacheClaims::end_of_call() {
    std::error_code ignored;
    for (const auto& [key, claim] : claims_)
        if (!claim.temporary.empty()) fs::remove(claim.temporary, ignored);
    claims_.clear();
}

}  // namespace embedloom::host
