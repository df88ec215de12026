// The services of one instance, as the contract's table of functions: log, cancel, mapped files, cache, vocabulary.
#pragma once

#include <embedloom/abi/host.h>
#include <embedloom/base/mapped_file.h>
#include <embedloom/host/cache.h>
#include <embedloom/host/services.h>

#include <list>
#include <string>

namespace embedloom::host {

/// Lives as long as its instance, mapped files too.
class InstanceHost {
  public:
    /// `who` stands before its lines in the log: "tokenizer (tokenizer/wordpiece 1.0.0)"; `path` is the stage's.
    InstanceHost(Services& services, std::string path, std::string who);
    InstanceHost(const InstanceHost&) = delete;
    InstanceHost& operator=(const InstanceHost&) = delete;

    const el_host* abi() const { return &abi_; }
    /// [main] After each [main] call: cache entries that were begun and not ended are removed, claims let go.
    void end_of_call() { cache_.end_of_call(); }
    const std::list<base::MappedFile>& files() const { return files_; }

  private:
    static InstanceHost& self(void* host) { return *static_cast<InstanceHost*>(host); }
    void log(std::uint32_t level, el_text message) const;
    el_status map_file(el_text path, el_file* out, const el_problems* problems);

    Services& services_;
    std::string path_;
    std::string who_;
    std::list<base::MappedFile> files_;
    CacheClaims cache_;
    el_host abi_;
};

}  // namespace embedloom::host
