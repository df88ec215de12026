// Each function of el_host: nothing it does may throw into a plugin.
#include <embedloom/host/instance_host.h>

#include <embedloom/base/sha256.h>
#include <embedloom/host/kind.h>
#include <embedloom/host/problem_text.h>
#include <embedloom/host/tokenizer_stage.h>

#include <algorithm>
#include <cstring>

namespace embedloom::host {

namespace {

/// Runs `body`; what it throws becomes a status and a problem.
template <class Body>
el_status guarded(const el_problems* problems, const Body& body) noexcept {
    try {
        return body();
    } catch (const base::Failure& failure) {
        tell(problems, failure.first());
        return static_cast<el_status>(failure.first().code);
    } catch (...) {
        return EL_RESOURCES;
    }
}

}  // namespace

InstanceHost::InstanceHost(Services& services, std::string path, std::string who)
    : services_(services), path_(std::move(path)), who_(std::move(who)),
      cache_(services.cache, [&services] { return services.is_cancelled && services.is_cancelled(); }) {
    abi_ = {.size = sizeof(el_host), .reserved = 0, .host = this};
    abi_.log = [](void* host, std::uint32_t level, el_text message) { self(host).log(level, message); };
    abi_.cancelled = [](void* host) -> std::int32_t {
        const Services& all = self(host).services_;
        return all.is_cancelled && all.is_cancelled() ? 1 : 0;
    };
    abi_.map_file = [](void* host, el_text path_of_file, el_file* out, const el_problems* problems) {
        return self(host).map_file(path_of_file, out, problems);
    };
    abi_.cache_find = [](void* host, el_text key, el_text* path_of_entry) {
        return guarded(nullptr, [&] { return *path_of_entry = text_of(self(host).cache_.find(view_of(key))), EL_OK; });
    };
    abi_.cache_begin = [](void* host, el_text key, el_text* path_of_entry, const el_problems* problems) {
        return guarded(problems, [&] { return *path_of_entry = text_of(self(host).cache_.begin(view_of(key))), EL_OK; });
    };
    abi_.cache_end = [](void* host, el_text key, std::uint32_t keep, const el_problems* problems) {
        return guarded(problems, [&] { return self(host).cache_.end(view_of(key), keep != 0), EL_OK; });
    };
    abi_.vocabulary = [](void* host) {
        const TokenizerStage* tokenizer = self(host).services_.tokenizer;
        return tokenizer ? &tokenizer->vocabulary() : nullptr;
    };
    abi_.find_token = [](void* host, el_text token) {
        const TokenizerStage* tokenizer = self(host).services_.tokenizer;
        return tokenizer ? tokenizer->find(view_of(token)) : EL_NONE;
    };
    abi_.records = [](void* host) {
        Services& all = self(host).services_;
        all.records_are_taken = all.records_are_taken || all.records;
        return all.records;
    };
}

void InstanceHost::log(std::uint32_t level, el_text message) const {
    if (!services_.log) return;
    const auto severity = level == EL_LOG_WARNING ? base::Severity::warning : base::Severity::note;
    guarded(nullptr, [&] {
        services_.log(severity, who_ + ": " + std::string(view_of(message).substr(0, 4096)));
        return EL_OK;
    });
}

el_status InstanceHost::map_file(el_text path, el_file* out, const el_problems* problems) {
    return guarded(problems, [&] {
        const base::MappedFile& file = files_.emplace_back(std::string(view_of(path)));
        services_.files.push_back({path_, file.path(), file.bytes().size(), base::sampled_sha256_hex(file.bytes())});
        const el_file shown{sizeof(el_file), 0, file.bytes().data(), file.bytes().size()};
        std::memcpy(out, &shown, std::min<std::size_t>(out->size, sizeof shown));
        return EL_OK;
    });
}

}  // namespace embedloom::host
