// What a plugin throws, and how one call tells of several mistakes.
#pragma once

#include <embedloom/abi/types.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace embedloom::sdk {

inline el_text to_abi(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view from_abi(el_text text) {
    return text.size ? std::string_view(text.data, text.size) : std::string_view();
}

/// A mistake. Name what was found, what was expected and what to do; leave the rest empty.
///   throw sdk::Error{.code = EL_BAD_DATA, .source = path, .line = 7, .found = "an empty token", .expected = "a token"};
struct Error {
    el_status code = EL_BAD_CONFIG;
    std::string parameter = {};  ///< configure: which parameter
    std::string source = {};     ///< the file
    std::uint64_t byte = EL_NO_PLACE;
    std::uint64_t line = EL_NO_PLACE;
    std::uint64_t column = EL_NO_PLACE;
    std::string found = {};
    std::string expected = {};
    std::string hint = {};
    std::uint32_t record = EL_NONE;  ///< which item of the call, when it is that item's fault
};

/// Tells the host of mistakes, as many as there are. A view: lives as long as the call.
class Problems {
  public:
    explicit Problems(const el_problems* to) : to_(to) {}

    void add(const Error& error) {
        any_ = true;
        if (!to_) return;
        const el_problem problem{sizeof(el_problem), error.code, error.record, 0, error.byte, error.line, error.column,
                                 to_abi(error.source), to_abi(error.parameter), to_abi(error.found),
                                 to_abi(error.expected), to_abi(error.hint)};
        to_->add(to_->host, &problem);
    }
    bool any() const { return any_; }
    const el_problems* abi() const { return to_; }

  private:
    const el_problems* to_;
    bool any_ = false;
};

/// Runs `body` and turns what it throws into a status and a problem: nothing may leave a plugin as an exception.
template <class Body>
el_status guarded(const el_problems* to, Body&& body) noexcept {
    Problems problems(to);
    try {
        return body(problems);
    } catch (const Error& error) {
        problems.add(error);
        return error.code;
    } catch (const std::bad_alloc&) {
        return EL_RESOURCES;
    } catch (const std::exception& error) {
        problems.add({.code = EL_INTERNAL, .found = error.what(), .hint = "this is a bug of the plugin"});
        return EL_INTERNAL;
    } catch (...) {
        problems.add({.code = EL_INTERNAL, .found = "an unknown exception", .hint = "this is a bug of the plugin"});
        return EL_INTERNAL;
    }
}

}  // namespace embedloom::sdk
