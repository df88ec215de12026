// A test bench for one plugin: plays the host's part of the contract, in memory, without loading a library.
//
//   PluginBench bench(text_plugin, "text");            // text_plugin: the constant the plugin's .cpp exports
//   bench.set("files", std::vector{path}).set("records", "lines");
//   bench.configure();                                  // EL_OK, or see bench.problems
//   Results out(7);                                     // a writer of 7 columns
//   call(bench.instance(), ..., out.abi(), bench.problems.abi());
//   out.values<std::uint64_t>(0)
//
// How to link: compile the plugin's .cpp into the test program with -Dembedloom_plugin=text_plugin (see
// tests/unit/source/CMakeLists.txt) and declare `extern "C" const el_plugin text_plugin;`.
#pragma once

#include "support/plugin_values.h"
#include "support/temporary_folder.h"

#include <embedloom/abi/host.h>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <span>

namespace embedloom::support {

/// One mistake that was told, kept.
struct Problem {
    el_status code;
    std::uint32_t record;
    std::uint64_t byte, line, column;
    std::string source, parameter, found, expected, hint;
};

/// Where a call tells its mistakes: a list. Not for two threads.
struct Problems {
    std::vector<Problem> list;

    const el_problems* abi() {
        abi_ = {sizeof(el_problems), 0, this, &Problems::add};
        return &abi_;
    }
    /// The first mistake's `found`; empty when there is none.
    std::string found() const { return list.empty() ? "" : list.front().found; }

  private:
    static void add(void* self, const el_problem* told) {
        const auto text = [](el_text t) { return std::string(t.size ? t.data : "", t.size); };
        static_cast<Problems*>(self)->list.push_back({told->code, told->record, told->byte, told->line, told->column,
                                                      text(told->source), text(told->parameter), text(told->found),
                                                      text(told->expected), text(told->hint)});
    }
    el_problems abi_{};
};

/// A writer whose columns are memory of the test's. `limit`: bytes of all columns together, after which reserve gives NULL.
class Results {
  public:
    explicit Results(std::uint32_t columns, std::uint64_t limit = UINT64_MAX) : columns_(columns), limit_(limit) {
        abi_ = {sizeof(el_writer), columns, this, &Results::reserve, &Results::commit};
    }
    Results(const Results&) = delete;
    Results& operator=(const Results&) = delete;

    const el_writer* abi() const { return &abi_; }
    template <class T>
    std::span<const T> values(std::uint32_t column) const {
        const Column& found = columns_.at(column);
        return {reinterpret_cast<const T*>(found.bytes.data()), found.used / sizeof(T)};
    }
    std::string_view text(std::uint32_t column) const {
        return {columns_.at(column).bytes.data(), columns_.at(column).used};
    }
    void clear() {
        for (Column& column : columns_) column.used = column.reserved = 0;
    }

  private:
    struct Column {
        std::vector<char> bytes;  // operator new aligns it for any number
        std::uint64_t used = 0, reserved = 0;
    };
    static void* reserve(void* self, std::uint32_t column, std::uint64_t bytes) {
        auto& results = *static_cast<Results*>(self);
        if (column >= results.columns_.size()) return nullptr;
        std::uint64_t all = bytes;
        for (const Column& other : results.columns_) all += other.used;
        if (all > results.limit_) return nullptr;
        Column& to = results.columns_[column];
        to.reserved = bytes;
        if (to.bytes.size() < to.used + bytes) to.bytes.resize(std::max<std::size_t>(2 * to.bytes.size(), to.used + bytes));
        return to.bytes.data() + to.used;
    }
    static el_status commit(void* self, std::uint32_t column, std::uint64_t bytes) {
        Column& to = static_cast<Results*>(self)->columns_.at(column);
        if (bytes > to.reserved) return EL_INTERNAL;
        to.used += bytes;
        to.reserved = 0;
        return EL_OK;
    }
    std::vector<Column> columns_;
    std::uint64_t limit_;
    el_writer abi_{};
};

/// The services of a host: a cache in a folder of its own, a log that is kept, files read into memory. [any-thread] where the
/// contract says so.
class HostDouble {
  public:
    HostDouble() {
        abi_ = {sizeof(el_host), 0,           this,       &log,       &is_cancelled, &map_file, &cache_find,
                &cache_begin,    &cache_end, &vocabulary, &find_token, &lent};
    }
    HostDouble(const HostDouble&) = delete;
    HostDouble& operator=(const HostDouble&) = delete;
    const el_host* abi() const { return &abi_; }

    TemporaryFolder cache;                           ///< entries are files named by their keys
    std::vector<std::string> warnings, notes;
    std::atomic<bool> cancelled{false};
    const el_vocabulary* tokenizer = nullptr;
    std::map<std::string, std::uint32_t, std::less<>> tokens;  ///< what find_token knows
    const el_records* records = nullptr;

  private:
    static HostDouble& of(void* self) { return *static_cast<HostDouble*>(self); }
    static std::string_view view(el_text text) { return {text.size ? text.data : "", text.size}; }

    static void log(void* self, std::uint32_t level, el_text message) {
        const std::lock_guard lock(of(self).mutex_);
        (level == EL_LOG_WARNING ? of(self).warnings : of(self).notes).emplace_back(view(message));
    }
    static std::int32_t is_cancelled(void* self) { return of(self).cancelled ? 1 : 0; }
    static el_status map_file(void* self, el_text path, el_file* out, const el_problems*) {
        if (!std::filesystem::exists(view(path))) return EL_NO_INPUT;
        const std::string& bytes = of(self).kept_.emplace_back(read_file(std::string(view(path))));
        out->data = bytes.empty() ? nullptr : bytes.data();
        out->bytes = bytes.size();
        return EL_OK;
    }
    static el_text keep(void* self, std::string text) {
        const std::string& kept = of(self).kept_.emplace_back(std::move(text));
        return {kept.data(), kept.size()};
    }
    static el_status cache_find(void* self, el_text key, el_text* path) {
        const std::string entry = (of(self).cache / view(key)).string();
        *path = std::filesystem::exists(entry) ? keep(self, entry) : el_text{nullptr, 0};
        return EL_OK;
    }
    static el_status cache_begin(void* self, el_text key, el_text* path, const el_problems*) {
        *path = keep(self, (of(self).cache / view(key)).string() + ".new");
        return EL_OK;
    }
    static el_status cache_end(void* self, el_text key, std::uint32_t keep_it, const el_problems*) {
        const std::string entry = (of(self).cache / view(key)).string();
        if (keep_it)
            std::filesystem::rename(entry + ".new", entry);
        else
            std::filesystem::remove(entry + ".new");
        return EL_OK;
    }
    static const el_vocabulary* vocabulary(void* self) { return of(self).tokenizer; }
    static const el_records* lent(void* self) { return of(self).records; }
    static std::uint32_t find_token(void* self, el_text token) {
        const auto found = of(self).tokens.find(view(token));
        return found == of(self).tokens.end() ? EL_NONE : found->second;
    }

    std::mutex mutex_;
    std::deque<std::string> kept_;  // what was lent lives as long as the host
    el_host abi_{};
};

/// One instance of one stage with its host, from create to destroy.
class PluginBench {
  public:
    PluginBench(const el_plugin& plugin, std::string_view stage_name) : stage_(find(plugin, stage_name)), values(stage_) {}
    ~PluginBench() {
        if (instance_) stage_.destroy(instance_);
    }
    PluginBench(const PluginBench&) = delete;
    PluginBench& operator=(const PluginBench&) = delete;

    template <class Value>
    PluginBench& set(std::string_view name, const Value& value) {
        values.set(name, value);
        return *this;
    }
    /// create and configure; what is wrong is in `problems`.
    el_status configure() {
        const el_status made = stage_.create(host.abi(), &instance_, problems.abi());
        if (made != EL_OK) return made;
        const std::vector<el_value> abi = values.abi();
        return stage_.configure(instance_, abi.data(), static_cast<std::uint32_t>(abi.size()), problems.abi());
    }
    void* instance() const { return instance_; }
    const el_stage& stage() const { return stage_; }
    template <class Functions>
    const Functions& functions() const {
        return *static_cast<const Functions*>(stage_.functions);
    }

    /// A worker's scratch; ends with it.
    struct Scratch {
        explicit Scratch(const PluginBench& of) : bench(of) {
            if (of.stage_.scratch_create) of.stage_.scratch_create(of.instance_, &object);
        }
        ~Scratch() {
            if (bench.stage_.scratch_destroy) bench.stage_.scratch_destroy(bench.instance_, object);
        }
        Scratch(const Scratch&) = delete;
        Scratch& operator=(const Scratch&) = delete;
        const PluginBench& bench;
        void* object = nullptr;
    };

  private:
    static const el_stage& find(const el_plugin& plugin, std::string_view name) {
        for (std::uint32_t i = 0; i < plugin.stage_count; ++i)
            if (std::string_view(plugin.stages[i]->name.data, plugin.stages[i]->name.size) == name) return *plugin.stages[i];
        throw std::runtime_error("the plugin has no stage " + std::string(name));
    }
    const el_stage& stage_;
    void* instance_ = nullptr;

  public:
    HostDouble host;
    Problems problems;
    PluginValues values;
};

}  // namespace embedloom::support
