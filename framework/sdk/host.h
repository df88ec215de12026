// The host's services, as a plugin author calls them.
#pragma once

#include <embedloom/abi/host.h>
#include <embedloom/sdk/error.h>

#include <cstddef>
#include <optional>
#include <span>

namespace embedloom::sdk {

/// Lives as long as the instance; copy it freely.
class Host {
  public:
    explicit Host(const el_host* host) : host_(host) {}

    /// [any-thread] One line for the log of the run.
    void note(std::string_view line) const { host_->log(host_->host, EL_LOG_NOTE, to_abi(line)); }
    void warn(std::string_view line) const { host_->log(host_->host, EL_LOG_WARNING, to_abi(line)); }
    /// [any-thread] The run is being stopped: long calls throw Error{EL_CANCELLED} soon.
    bool cancelled() const { return host_->cancelled(host_->host) != 0; }

    /// [main] The bytes of a file, mapped for as long as the instance lives. `parameter` names who asked, for errors.
    std::span<const std::byte> map(std::string_view path, std::string_view parameter) const {
        el_file file{.size = sizeof(el_file)};
        Relay relay{std::string(parameter), {.parameter = std::string(parameter), .source = std::string(path)}};
        const el_problems problems = relay.problems();
        relay.throw_unless_ok(host_->map_file(host_->host, to_abi(path), &file, &problems));
        return {static_cast<const std::byte*>(file.data), file.bytes};
    }

    /// [main] The path of a whole entry of the run's cache.
    std::optional<std::string> cached(std::string_view key) const {
        el_text path{};
        if (host_->cache_find(host_->host, to_abi(key), &path) != EL_OK || !path.data) return std::nullopt;
        return std::string(from_abi(path));
    }
    /// [main] A path to write a new entry to, then cache_end.
    std::string cache_begin(std::string_view key) const {
        el_text path{};
        Relay relay{{}, {.found = "no place in the cache", .hint = "see run.cache"}};
        const el_problems problems = relay.problems();
        relay.throw_unless_ok(host_->cache_begin(host_->host, to_abi(key), &path, &problems));
        return std::string(from_abi(path));
    }
    /// [main] Ends what cache_begin began: keeps the file as a whole entry, or removes it.
    enum class Entry : std::uint32_t { remove = 0, keep = 1 };
    void cache_end(std::string_view key, Entry entry) const {
        Relay relay{{}, {.found = "the cache entry cannot be kept", .hint = "see run.cache"}};
        const el_problems problems = relay.problems();
        relay.throw_unless_ok(
            host_->cache_end(host_->host, to_abi(key), static_cast<std::uint32_t>(entry), &problems));
    }

    /// [main] Facts of the pipeline's tokenizer; null for stages made before it.
    const el_vocabulary* vocabulary() const { return host_->vocabulary(host_->host); }
    /// [main] The id of a token by its exact text.
    std::optional<std::uint32_t> find_token(std::string_view token) const {
        const std::uint32_t id = host_->find_token(host_->host, to_abi(token));
        return id == EL_NONE ? std::nullopt : std::optional(id);
    }

    /// [main] The records that were lent to the run; null when there are none. They live as long as the instance.
    const el_records* records() const {
        constexpr std::size_t end = offsetof(el_host, records) + sizeof(el_host::records);
        return host_->size >= end && host_->records ? host_->records(host_->host) : nullptr;
    }

  private:
    /// What the host says of a service that failed, thrown as this side's error.
    struct Relay {
        std::string parameter;
        Error error;
        el_problems problems() { return {sizeof(el_problems), 0, this, &Relay::add}; }
        void throw_unless_ok(el_status status) {
            if (status == EL_OK) return;
            error.code = status;
            throw error;
        }
        static void add(void* self, const el_problem* problem) {
            auto& relay = *static_cast<Relay*>(self);
            try {
                relay.error = Error{.code = problem->code, .parameter = relay.parameter,
                                    .source = std::string(from_abi(problem->source)), .byte = problem->byte,
                                    .found = std::string(from_abi(problem->found)),
                                    .expected = std::string(from_abi(problem->expected)),
                                    .hint = std::string(from_abi(problem->hint))};
            } catch (const std::bad_alloc&) {
                // No exception crosses the contract: the status tells what was, without the words.
            }
        }
    };
    const el_host* host_;
};

}  // namespace embedloom::sdk
