// Values of a stage's parameters for tests: set by name, all others at their defaults.
#pragma once

#include <embedloom/abi/plugin.h>

#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace embedloom::support {

/// A name that the stage's table lacks, or a value of another type, throws std::runtime_error: the test is wrong.
class PluginValues {
  public:
    explicit PluginValues(const el_stage& stage) : stage_(stage), values_(stage.parameter_count) {
        for (std::uint32_t i = 0; i < stage.parameter_count; ++i) {
            values_[i].size = sizeof(el_value);
            values_[i].type = stage.parameters[i].type;
            if (stage.parameters[i].default_value.data) set_default(i);
        }
    }

    void set(std::string_view name, bool value) { number_of(name, value ? 1 : 0, EL_PARAMETER_BOOLEAN); }
    void set(std::string_view name, int value) { set(name, static_cast<std::int64_t>(value)); }
    void set(std::string_view name, std::int64_t value) {
        el_value& to = at(name);
        if (to.type == EL_PARAMETER_NUMBER) to.number = static_cast<double>(value);
        else if (to.type == EL_PARAMETER_INTEGER || to.type == EL_PARAMETER_SIZE) to.integer = value;
        else throw wrong(name);
        to.is_set = 1;
    }
    void set(std::string_view name, double value) {
        el_value& to = at(name);
        if (to.type != EL_PARAMETER_NUMBER) throw wrong(name);
        to.number = value;
        to.is_set = 1;
    }
    void set(std::string_view name, std::string_view value) {
        el_value& to = at(name);
        if (to.type < EL_PARAMETER_TEXT || to.type > EL_PARAMETER_DIRECTORY || to.type == EL_PARAMETER_FILES) throw wrong(name);
        to.text = keep(value);
        to.is_set = 1;
    }
    void set(std::string_view name, const char* value) { set(name, std::string_view(value)); }
    void set(std::string_view name, const std::string& value) { set(name, std::string_view(value)); }
    void set(std::string_view name, const std::vector<std::string>& value) {
        el_value& to = at(name);
        if (to.type != EL_PARAMETER_FILES && to.type != EL_PARAMETER_TEXTS) throw wrong(name);
        std::vector<el_text>& list = lists_.emplace_back();
        for (const std::string& text : value) list.push_back(keep(text));
        to.list = list.data();
        to.list_count = static_cast<std::uint32_t>(list.size());
        to.is_set = 1;
    }
    void set(std::string_view name, const el_stage_handle& stage) {
        at(name).stage = &stage;
        at(name).is_set = 1;
    }
    void unset(std::string_view name) { at(name) = {sizeof(el_value), at(name).type, 0, 0, 0, 0, {}, nullptr, nullptr}; }

    /// In the table's order. Borrowed from this.
    std::vector<el_value> abi() const { return values_; }

  private:
    static std::runtime_error wrong(std::string_view name) {
        return std::runtime_error("parameter " + std::string(name) + " is of another type");
    }
    void number_of(std::string_view name, std::int64_t value, std::uint32_t type) {
        if (at(name).type != type) throw wrong(name);
        at(name).integer = value;
        at(name).is_set = 1;
    }
    el_text keep(std::string_view text) {
        const std::string& kept = texts_.emplace_back(text);
        return {kept.data(), kept.size()};
    }
    el_value& at(std::string_view name) {
        for (std::uint32_t i = 0; i < stage_.parameter_count; ++i)
            if (std::string_view(stage_.parameters[i].name.data, stage_.parameters[i].name.size) == name) return values_[i];
        throw std::runtime_error("no parameter " + std::string(name));
    }
    /// "512", "0.15", "true", "64 KiB", words. Defaults of lists are not needed by any stage.
    void set_default(std::uint32_t i) {
        const el_text given = stage_.parameters[i].default_value;
        const std::string text(given.data, given.size);
        el_value& to = values_[i];
        to.is_set = 1;
        to.text = given;
        to.number = std::strtod(text.c_str(), nullptr);
        to.integer = text == "true" ? 1 : std::strtoll(text.c_str(), nullptr, 10);
        if (to.type != EL_PARAMETER_SIZE) return;
        if (text.ends_with("KiB")) to.integer <<= 10;
        if (text.ends_with("MiB")) to.integer <<= 20;
        if (text.ends_with("GiB")) to.integer <<= 30;
    }

    const el_stage& stage_;
    std::vector<el_value> values_;
    std::deque<std::string> texts_;
    std::deque<std::vector<el_text>> lists_;
};

}  // namespace embedloom::support
