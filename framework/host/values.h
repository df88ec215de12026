// The values of a stage's parameters, on their way from a config to a plugin.
#pragma once

#include <embedloom/abi/plugin.h>
#include <embedloom/base/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace embedloom::host {

class Instance;

/// The value of one parameter: unset; BOOLEAN; INTEGER and SIZE; NUMBER (an integer does too); TEXT, CHOICE, PATH and
/// DIRECTORY; TEXTS and FILES; STAGE.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>,
                           std::shared_ptr<Instance>>;

/// "an integer from 1 to 1048576", "one of a, b": what a parameter takes, for messages and help.
std::string expectation(const el_parameter& parameter);

/// The value of a text as YAML writes a default or an override: nothing when it is of another type than the parameter.
/// Lists are comma-separated; stages have no text.
std::optional<Value> parse_value(const el_parameter& parameter, std::string_view text);

/// The default of a parameter, unset when it has none.
Value default_value(const el_parameter& parameter);

/// What is wrong with the values of a stage, in the order of its table: missing, of another type, out of range, no choice.
/// `path` is the stage's in the config: the errors' key_path is path.parameter.
std::vector<base::Error> check_values(const el_stage& stage, std::span<const Value> values, const std::string& path);

/// The values as the contract has them. A view of the values it was made from, which must outlive it.
class AbiValues {
  public:
    /// The values must have passed check_values.
    AbiValues(const el_stage& stage, std::span<const Value> values);
    AbiValues(const AbiValues&) = delete;
    AbiValues& operator=(const AbiValues&) = delete;
    const el_value* data() const { return values_.data(); }
    std::uint32_t size() const { return static_cast<std::uint32_t>(values_.size()); }

  private:
    void set(el_value& out, const Value& value);

    std::vector<el_value> values_;
    std::vector<std::vector<el_text>> lists_;
};

}  // namespace embedloom::host
