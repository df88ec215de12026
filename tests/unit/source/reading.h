// Calls a source through the contract and gives back what it read as plain values.
#pragma once

#include "support/plugin_bench.h"

#include <embedloom/abi/source.h>

#include <optional>

extern "C" const el_plugin text_plugin;
extern "C" const el_plugin jsonl_plugin;

namespace embedloom::source_tests {

using support::Problem;

/// A record as the contract gave it, bad or good.
struct Record {
    std::uint64_t id = 0, bytes = 0;
    el_status code = EL_OK;
    std::vector<std::string> texts;      ///< of its TEXT fields, in order
    std::vector<std::int64_t> integers;  ///< of its INTEGER fields
    std::vector<double> numbers;
    std::vector<std::vector<std::uint32_t>> tokens;  ///< of its TOKENS fields
    bool operator==(const Record&) const = default;
};

struct Read {
    el_status status = EL_OK;
    std::vector<Record> records;
    std::vector<Problem> problems;

    std::vector<std::string> texts(std::size_t field = 0) const {
        std::vector<std::string> out;
        for (const Record& record : records) out.push_back(record.code ? "<bad>" : record.texts[field]);
        return out;
    }
    std::vector<std::uint64_t> ids() const {
        std::vector<std::uint64_t> out;
        for (const Record& record : records) out.push_back(record.id);
        return out;
    }
};

struct Scan {
    std::vector<std::uint64_t> starts;
    std::uint64_t passed = 0;
    bool operator==(const Scan&) const = default;
};

/// An opened source. Throws the first problem's text when it cannot be opened.
class OpenSource {
  public:
    explicit OpenSource(support::PluginBench& bench) : bench_(bench) {
        functions().facts(bench.instance(), &facts);
        status = functions().extent(bench.instance(), &extent, bench.problems.abi());
    }

    Read read(std::uint64_t begin, std::uint64_t end) const {
        const support::PluginBench::Scratch scratch(bench_);
        return read(begin, end, scratch.object);
    }
    Read read(std::uint64_t begin, std::uint64_t end, void* scratch) const {
        const std::uint64_t range[2] = {begin, end};
        return collect([&](const el_writer* out, const el_problems* problems) {
            return functions().read_range(bench_.instance(), scratch, range, out, problems);
        });
    }
    Read read_all() const { return read(0, extent.bytes); }
    Read read_ids(const std::vector<std::uint64_t>& ids) const {
        const support::PluginBench::Scratch scratch(bench_);
        return collect([&](const el_writer* out, const el_problems* problems) {
            return functions().read_ids(bench_.instance(), scratch.object, ids.data(), ids.size(), out, problems);
        });
    }
    Scan scan(std::uint64_t begin, std::uint64_t end) const {
        const support::PluginBench::Scratch scratch(bench_);
        const std::uint64_t range[2] = {begin, end};
        support::Results out(2);
        support::Problems problems;
        functions().scan(bench_.instance(), scratch.object, range, out.abi(), problems.abi());
        const auto starts = out.values<std::uint64_t>(EL_SCAN_STARTS);
        return {{starts.begin(), starts.end()}, out.values<std::uint64_t>(EL_SCAN_PASSED)[0]};
    }
    Scan scan_all() const { return scan(0, extent.bytes); }

    el_status status = EL_OK;
    el_source_facts facts{.size = sizeof(el_source_facts), .field_count = 0, .fields = nullptr};
    el_extent extent{.size = sizeof(el_extent), .file_count = 0, .files = nullptr, .bytes = 0};

  private:
    const el_source_functions& functions() const { return bench_.functions<el_source_functions>(); }

    template <class Call>
    Read collect(Call call) const {
        support::Results out(1 + 2 * facts.field_count);
        support::Problems problems;
        Read read;
        read.status = call(out.abi(), problems.abi());
        for (const el_record& record : out.values<el_record>(EL_READ_RECORDS))
            read.records.push_back({record.id, record.bytes, record.code, {}, {}, {}, {}});
        for (std::uint32_t f = 0; f < facts.field_count; ++f) add_field(out, f, read.records);
        read.problems = std::move(problems.list);
        return read;
    }
    void add_field(const support::Results& out, std::uint32_t f, std::vector<Record>& records) const {
        std::uint64_t begin = 0;
        for (std::size_t r = 0; r < records.size(); ++r) {
            switch (facts.fields[f].type) {
                case EL_FIELD_TEXT: {
                    const std::uint64_t end = out.values<std::uint64_t>(EL_READ_ENDS(f))[r];
                    records[r].texts.emplace_back(out.text(EL_READ_VALUES(f)).substr(begin, end - begin));
                    begin = end;
                    break;
                }
                case EL_FIELD_TOKENS: {
                    const std::uint64_t end = out.values<std::uint64_t>(EL_READ_ENDS(f))[r];
                    const auto ids = out.values<std::uint32_t>(EL_READ_VALUES(f)).subspan(begin, end - begin);
                    records[r].tokens.emplace_back(ids.begin(), ids.end());
                    begin = end;
                    break;
                }
                case EL_FIELD_INTEGER: records[r].integers.push_back(out.values<std::int64_t>(EL_READ_VALUES(f))[r]); break;
                default: records[r].numbers.push_back(out.values<double>(EL_READ_VALUES(f))[r]);
            }
        }
    }

    support::PluginBench& bench_;
};

/// A source over files with these contents.
struct SourceBench {
    SourceBench(const el_plugin& plugin, std::string_view stage) : bench(plugin, stage) {}

    SourceBench& file(std::string_view name, std::string_view content) {
        paths.push_back(folder.write(name, content).string());
        return *this;
    }
    template <class Value>
    SourceBench& set(std::string_view name, const Value& value) {
        bench.set(name, value);
        return *this;
    }
    OpenSource& open() {
        bench.set("files", paths);
        if (bench.configure() != EL_OK) throw std::runtime_error(bench.problems.found());
        return source.emplace(bench);
    }

    support::TemporaryFolder folder;
    support::PluginBench bench;
    std::vector<std::string> paths;
    std::optional<OpenSource> source;
};

struct TextBench : SourceBench {
    TextBench() : SourceBench(text_plugin, "text") {}
};
struct JsonlBench : SourceBench {
    JsonlBench() : SourceBench(jsonl_plugin, "jsonl") {}
};

}  // namespace embedloom::source_tests
