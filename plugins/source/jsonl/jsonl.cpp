// Source "jsonl": files of JSON objects, one on each line; a text, perhaps a pair text and a label by their names.
#include "../common/scan.h"
#include "../common/walk.h"
#include "tidy_lines.h"

namespace {

namespace sdk = embedloom::sdk;
namespace source = embedloom::source;

/// A worker's parser, and the fields it fills.
struct Line final : sdk::Scratch {
    explicit Line(std::vector<source::WantedField> wanted) : fields(std::move(wanted)) {}
    std::vector<source::WantedField> fields;
    source::TidyLines tidy;
};

class Jsonl final : public sdk::Source {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "jsonl", .version = "1.0.0", .summary = "JSON lines: text, pair and label by name.",
        .doc = "One JSON object (RFC 8259) on each line, plain or packed with gzip or Zstandard (told by content, not by name). "
               "All of a line is checked, also what is not used: invalid UTF-8, wrong syntax, more than 64 levels and numbers "
               "that no double holds make the line a bad record, as do a field that is missing, of another type, or there "
               "twice. Empty lines are no records: they are counted. A byte order mark at a file's start is removed. "
               "Whatever is packed is unpacked once into the run's cache."};
    static constexpr std::array label_types{sdk::word("integer"), sdk::word("number")};
    static constexpr std::array policies{sdk::word("refuse"), sdk::word("replace")};
    static constexpr std::array parameters{
        sdk::files("files").required().doc("Files, folders or globs."),
        sdk::text("text").otherwise("text").doc("The name of the field with the text."),
        sdk::text("pair").doc("The name of the field with the second text of a pair."),
        sdk::text("label").doc("The name of the field with the label."),
        sdk::choice("label_type").of(label_types).otherwise("integer").doc(
            "What a label is: integers are exact and must be written without fraction or exponent; numbers are float32 in the batch, "
            "and one beyond that is a bad record."),
        sdk::choice("lone_surrogates").of(policies).otherwise("refuse").doc(
            "What is done with an escape such as \\ud800 that is half a character: refuse makes the record a bad one; "
            "replace puts U+FFFD."),
        sdk::size("max_record_bytes").between(1, 1 << 30).otherwise("64 MiB").in("bytes").doc(
            "A longer line is a bad record; it is passed over without being held in memory.")};

    Jsonl(const sdk::Values& values, const sdk::Host& host)
        : corpus_(values.list("files"), host),
          surrogates_(values.text("lone_surrogates") == "replace" ? source::Surrogates::replace : source::Surrogates::refuse) {
        using Type = source::WantedField::Type;
        rules_.max_record_bytes = values.size("max_record_bytes");
        rules_.check = source::WalkRules::Check::nothing;  // simdjson does
        add("text", EL_FIELD_TEXT, Type::text, values);
        if (values.has("pair")) add("pair", EL_FIELD_TEXT, Type::text, values);
        const bool integer = values.text("label_type") == "integer";
        if (values.has("label"))
            add("label", integer ? EL_FIELD_INTEGER : EL_FIELD_NUMBER, integer ? Type::integer : Type::number, values);
    }

    std::span<const el_field> fields() const override { return fields_; }
    std::unique_ptr<sdk::Scratch> make_scratch() const override {
        auto pages = std::make_unique<source::Pages>(corpus_);
        pages->more = std::make_unique<Line>(wanted_);
        return pages;
    }

    el_extent open(sdk::Problems& problems) override { return corpus_.open({rules_.unit, &refuse_array}, problems); }
    std::uint64_t scan(sdk::ByteRange range, sdk::Column<std::uint64_t>& starts, sdk::Scratch* scratch) const override {
        return source::scan_starts(corpus_, static_cast<source::Pages&>(*scratch), rules_.unit, range, starts);
    }
    void read(sdk::ByteRange range, sdk::Reading& out, sdk::Scratch* scratch) const override {
        auto& pages = static_cast<source::Pages&>(*scratch);
        source::Walk(corpus_, pages, rules_).range(range, [&](const source::RawRecord& record) { take(record, out, pages); });
    }
    void read(std::span<const std::uint64_t> ids, sdk::Reading& out, sdk::Scratch* scratch) const override {
        auto& pages = static_cast<source::Pages&>(*scratch);
        source::Walk(corpus_, pages, rules_).ids(ids, [&](const source::RawRecord& record) { take(record, out, pages); });
    }

  private:
    void add(std::string_view parameter, std::uint32_t type, source::WantedField::Type wanted, const sdk::Values& values) {
        std::string name(values.text(parameter));
        for (const source::WantedField& other : wanted_)
            if (other.name == name)
                values.refuse(parameter, {.found = "\"" + name + "\" for two fields", .expected = "a field of its own"});
        wanted_.push_back({.name = std::move(name), .type = wanted, .text = {}});
        fields_.push_back({sizeof(el_field), type, sdk::to_abi(parameter)});
    }

    static void refuse_array(const source::DataFile& file, std::string_view head) {
        const std::size_t first = head.find_first_not_of(" \t\r\n");
        if (first == std::string_view::npos || head[first] != '[') return;
        throw sdk::Error{.code = EL_BAD_DATA, .source = file.path, .byte = file.first + first, .found = "a list of JSON values",
                         .expected = "one object on each line", .hint = "convert it: jq -c '.[]' FILE > FILE.jsonl"};
    }

    void take(const source::RawRecord& record, sdk::Reading& out, source::Pages& pages) const {
        if (record.too_long) return out.bad_record(record.id, record.bytes, source::too_long(record, rules_));
        const std::string_view line = source::without_line_end(record.content);
        auto& worker = static_cast<Line&>(*pages.more);
        std::vector<source::WantedField>& fields = worker.fields;
        if (!worker.tidy.read(line, fields)) {
            const source::BadUtf8 bad = source::find_bad_utf8(line);
            if (bad.at != source::npos) return out.bad_record(record.id, record.bytes, source::bad_utf8(record, bad));
            try {
                source::read_json_line(line, fields, surrogates_);
            } catch (const source::Fault& fault) {
                return out.bad_record(record.id, record.bytes,
                                      {.code = EL_BAD_DATA, .source = record.file->path, .byte = record.at + fault.at,
                                       .found = fault.found, .expected = fault.expected, .hint = fault.hint});
            }
        }
        for (std::size_t f = 0; f < fields.size(); ++f) put(f, fields[f], out);
        out.record(record.id, record.bytes);
    }

    static void put(std::size_t f, const source::WantedField& field, sdk::Reading& out) {
        switch (field.type) {
            case source::WantedField::Type::text:
                source::unescape(field.text, [&](std::string_view piece) { out.text(f, piece); });
                break;
            case source::WantedField::Type::integer: out.integer(f, field.integer); break;
            case source::WantedField::Type::number: out.number(f, field.number); break;
        }
    }

    source::Corpus corpus_;
    source::WalkRules rules_;
    source::Surrogates surrogates_;
    std::vector<source::WantedField> wanted_;
    std::vector<el_field> fields_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Jsonl)
