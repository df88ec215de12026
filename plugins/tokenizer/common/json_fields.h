// Fields of JSON objects with their path, so that what is wrong with one is said by name.
#pragma once

#include <simdjson.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "failure.h"

namespace embedloom::plugins {

/// A JSON value and where it stands ("model.vocab"). The getters throw LoadFailure when the type is another.
class JsonValue {
  public:
    JsonValue(simdjson::dom::element element, std::string path) : element_(element), path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    bool is_object() const { return element_.is_object(); }
    std::string_view text() const { return get<std::string_view>("a text"); }
    bool boolean() const { return get<bool>("true or false"); }
    /// A whole number from 0 to `most`.
    std::uint64_t number(std::uint64_t most) const;
    simdjson::dom::array array() const { return get<simdjson::dom::array>("a list"); }
    simdjson::dom::object object() const { return get<simdjson::dom::object>("an object"); }

    /// A field that must be there.
    JsonValue at(std::string_view name) const;
    /// A field that may be left out or null.
    std::optional<JsonValue> find(std::string_view name) const;
    /// The text of `type`, which every component has.
    std::string_view type() const { return at("type").text(); }
    /// Refuses fields beyond these, and fields given twice.
    void only(std::initializer_list<std::string_view> names) const;

    [[noreturn]] void refuse(const std::string& expected, const std::string& hint = {}) const;

  private:
    template <class T>
    T get(const char* kind) const {
        T value;
        if (element_.get(value)) refuse(kind);
        return value;
    }
    std::string inside(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }
    simdjson::dom::element element_;
    std::string path_;
};

}  // namespace embedloom::plugins
