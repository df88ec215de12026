// Parameter tables, written as constants beside the stage, and their checked values.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/sdk/error.h>

#include <limits>
#include <span>
#include <vector>

namespace embedloom::sdk {

/// One row of a parameter table, built like a sentence:
///   static constexpr std::array parameters{
///       sdk::integer("max_length").between(1, 1 << 20).otherwise("512").in("tokens").doc("Tokens of the longest row."),
///       sdk::path("vocab").required().doc("A vocab.txt.")};
class Parameter {
  public:
    constexpr Parameter(std::uint32_t type, std::string_view name) {
        row_.size = sizeof(el_parameter);
        row_.type = type;
        row_.name = {name.data(), name.size()};
        row_.minimum = -std::numeric_limits<double>::infinity();
        row_.maximum = std::numeric_limits<double>::infinity();
    }
    // Each gives back a changed copy. Written out, not through a helper that takes the change: clang 14 does not see such a
    // template in time for a constant.
    constexpr Parameter required() const {
        Parameter copy = *this;
        copy.row_.flags |= EL_REQUIRED;
        return copy;
    }
    /// The value can change no row (a folder for output, a limit).
    constexpr Parameter keeps_rows() const {
        Parameter copy = *this;
        copy.row_.flags |= EL_KEEPS_ROWS;
        return copy;
    }
    constexpr Parameter between(double low, double high) const {
        Parameter copy = *this;
        copy.row_.minimum = low;
        copy.row_.maximum = high;
        return copy;
    }
    /// The default, as YAML writes it.
    constexpr Parameter otherwise(std::string_view text) const {
        Parameter copy = *this;
        copy.row_.default_value = {text.data(), text.size()};
        return copy;
    }
    constexpr Parameter in(std::string_view unit) const {
        Parameter copy = *this;
        copy.row_.unit = {unit.data(), unit.size()};
        return copy;
    }
    constexpr Parameter doc(std::string_view text) const {
        Parameter copy = *this;
        copy.row_.doc = {text.data(), text.size()};
        return copy;
    }
    /// choice(): the words that are allowed. `words` must be a static array.
    constexpr Parameter of(std::span<const el_text> words) const {
        Parameter copy = *this;
        copy.row_.choices = words.data();
        copy.row_.choice_count = static_cast<std::uint32_t>(words.size());
        return copy;
    }
    constexpr Parameter of_kind(el_kind kind) const {
        Parameter copy = *this;
        copy.row_.stage_kind = kind;
        return copy;
    }
    constexpr const el_parameter& row() const { return row_; }

  private:
    el_parameter row_{};
};

constexpr Parameter boolean(std::string_view name) { return {EL_PARAMETER_BOOLEAN, name}; }
constexpr Parameter integer(std::string_view name) { return {EL_PARAMETER_INTEGER, name}; }
constexpr Parameter number(std::string_view name) { return {EL_PARAMETER_NUMBER, name}; }
constexpr Parameter text(std::string_view name) { return {EL_PARAMETER_TEXT, name}; }
constexpr Parameter choice(std::string_view name) { return {EL_PARAMETER_CHOICE, name}; }
constexpr Parameter path(std::string_view name) { return {EL_PARAMETER_PATH, name}; }
constexpr Parameter files(std::string_view name) { return {EL_PARAMETER_FILES, name}; }
constexpr Parameter directory(std::string_view name) { return {EL_PARAMETER_DIRECTORY, name}; }
constexpr Parameter size(std::string_view name) { return {EL_PARAMETER_SIZE, name}; }
constexpr Parameter texts(std::string_view name) { return {EL_PARAMETER_TEXTS, name}; }
constexpr Parameter stage(std::string_view name, el_kind kind) {
    return Parameter{EL_PARAMETER_STAGE, name}.of_kind(kind);
}
/// A word for `of`: static constexpr std::array words{sdk::word("left"), sdk::word("right")};
constexpr el_text word(std::string_view text) { return {text.data(), text.size()}; }

/// The values of a stage's parameters, by name. The host has checked types, ranges and presence. A name that the table
/// does not have is a bug and throws. A view: what it returns lives until configure returns, stage handles longer.
class Values {
  public:
    Values(std::span<const el_parameter> table, const el_value* values, Problems& problems)
        : table_(table), values_(values), problems_(&problems) {}

    bool has(std::string_view name) const { return value(name).is_set != 0; }
    bool boolean(std::string_view name) const { return value(name).integer != 0; }
    std::int64_t integer(std::string_view name) const { return value(name).integer; }
    std::uint64_t size(std::string_view name) const { return static_cast<std::uint64_t>(value(name).integer); }
    double number(std::string_view name) const { return value(name).number; }
    std::string_view text(std::string_view name) const { return from_abi(value(name).text); }
    std::vector<std::string> list(std::string_view name) const {
        const el_value& found = value(name);
        std::vector<std::string> out;
        for (std::uint32_t i = 0; i < found.list_count; ++i) out.emplace_back(from_abi(found.list[i]));
        return out;
    }
    const el_stage_handle& stage(std::string_view name) const { return *value(name).stage; }

    /// Refuses a parameter; go on and refuse others too: all are shown at once.
    void refuse(std::string_view name, Error error) const {
        error.parameter = std::string(name);
        problems_->add(error);
    }

  private:
    const el_value& value(std::string_view name) const {
        for (std::size_t i = 0; i < table_.size(); ++i)
            if (from_abi(table_[i].name) == name) return values_[i];
        throw Error{.code = EL_INTERNAL, .found = "no parameter named " + std::string(name)};
    }
    std::span<const el_parameter> table_;
    const el_value* values_;
    Problems* problems_;
};

}  // namespace embedloom::sdk
