// Checks of what a source gives back.
#include <embedloom/host/source_stage.h>

#include <embedloom/base/checked.h>
#include <embedloom/base/utf8.h>
#include <embedloom/host/check.h>
#include <embedloom/host/kind.h>

#include <algorithm>
#include <cstring>

namespace embedloom::host {

namespace {

std::string range_text(ByteRange range) {
    return "[" + std::to_string(range.begin) + ", " + std::to_string(range.end) + ")";
}

/// Finds the end of the file that a byte lies in; quick where the bytes ascend.
class FileEnds {
  public:
    explicit FileEnds(const Extent& extent) : extent_(extent) {}
    /// The end of the file that holds `byte`, which lies within the extent.
    std::uint64_t after(std::uint64_t byte) {
        if (byte >= begin_ && byte < end_) return end_;
        const auto holds = [&](const SourceFile& file) { return file.begin + file.bytes <= byte; };
        const auto file = std::ranges::partition_point(extent_.files, holds);
        begin_ = file->begin;
        return end_ = file->begin + file->bytes;
    }

  private:
    const Extent& extent_;
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
};

/// Each record within one file. `is_expected(i, id, end of the record before)` says whether a record may start there.
template <class IsExpected>
std::optional<Breach> check_records(std::span<const el_record> records, const Extent& extent, const IsExpected& is_expected) {
    FileEnds files(extent);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const el_record& record = records[i];
        if (record.id >= extent.bytes || record.bytes > files.after(record.id) - record.id || !is_expected(i, record.id, before))
            return Breach{item_text("record", i) + "of " + std::to_string(record.bytes) + " bytes at byte " +
                              std::to_string(record.id),
                          "the records that were asked for, each within its file"};
        before = record.id + record.bytes;
    }
    return std::nullopt;
}

/// Ends of a text field: a bad record has no text, no text begins or ends within a character.
std::optional<Breach> check_text_ends(std::span<const std::uint64_t> ends, std::span<const el_record> records,
                                      std::string_view bytes) {
    if (auto breach = check_ends(ends, bytes.size(), "texts")) return breach;
    std::uint64_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); begin = ends[i++]) {
        if (records[i].code != EL_OK && ends[i] != begin)
            return Breach{item_text("record", i) + "with a code and a text", "one of the two"};
        if (ends[i] < bytes.size() && !base::starts_character(bytes[ends[i]]))
            return Breach{item_text("record", i) + "that ends within a character", "valid UTF-8"};
    }
    return std::nullopt;
}

std::optional<Breach> check_text_field(const Columns& out, std::uint32_t field, std::span<const el_record> records) {
    const std::uint32_t ends = EL_READ_ENDS(field);
    if (auto breach = check_count<std::uint64_t>(out, ends, records.size(), "ends of texts")) return breach;
    const std::string_view bytes = out.text(EL_READ_VALUES(field));
    if (auto breach = check_text_ends(out.get<std::uint64_t>(ends), records, bytes)) return breach;
    if (const std::size_t bad = base::first_invalid_utf8(bytes); bad != std::string_view::npos)
        return Breach{"byte " + std::to_string(static_cast<unsigned char>(bytes[bad])) + " in a text", "valid UTF-8"};
    return std::nullopt;
}

/// Ends of tokens: a bad record has none.
std::optional<Breach> check_token_field(const Columns& out, std::uint32_t field, std::span<const el_record> records) {
    const std::uint32_t column = EL_READ_ENDS(field), values = EL_READ_VALUES(field);
    if (auto breach = check_count<std::uint64_t>(out, column, records.size(), "ends of tokens")) return breach;
    if (auto breach = check_whole<std::uint32_t>(out, values, "tokens")) return breach;
    const auto ends = out.get<std::uint64_t>(column);
    const auto ids = out.get<std::uint32_t>(values);
    if (auto breach = check_ends(ends, ids.size(), "tokens")) return breach;
    for (std::size_t i = 0; i < ends.size(); ++i)
        if (records[i].code != EL_OK && ends[i] != (i ? ends[i - 1] : 0))
            return Breach{item_text("record", i) + "with a code and tokens", "one of the two"};
    if (!ids.empty() && largest(ids) == EL_NONE) return Breach{"id " + std::to_string(EL_NONE), "smaller ids"};
    return std::nullopt;
}

std::optional<Breach> check_field(const Columns& out, std::uint32_t f, const Field& field) {
    const auto records = out.get<el_record>(EL_READ_RECORDS);
    switch (field.type) {
        case EL_FIELD_TEXT: return check_text_field(out, f, records);
        case EL_FIELD_TOKENS: return check_token_field(out, f, records);
        default: return check_count<std::uint64_t>(out, EL_READ_VALUES(f), records.size(), field.name.c_str());
    }
}

std::optional<Breach> check_fields(const Columns& out, const std::vector<Field>& fields) {
    for (std::uint32_t f = 0; f < fields.size(); ++f)
        if (auto breach = check_field(out, f, fields[f])) return breach;
    return std::nullopt;
}

std::vector<Field> fields_of(const Instance& instance, const el_source_facts& facts) {
    constexpr std::uint32_t most = 64;
    std::vector<Field> fields;
    const auto refuse = [&](const std::string& found) {
        instance.violation("facts", found, "fields with names and types, at least one").or_throw();
    };
    if (!facts.field_count || facts.field_count > most || !facts.fields || facts.fields->size < sizeof(el_field))
        refuse(std::to_string(facts.field_count) + " fields");
    for (std::uint32_t f = 0; f < facts.field_count; ++f) {
        el_field field;
        std::memcpy(&field, reinterpret_cast<const char*>(facts.fields) + std::size_t{f} * facts.fields->size, sizeof field);
        const std::string name(view_of(field.name));
        if (!is_name(name) || field.type < EL_FIELD_TEXT || field.type > EL_FIELD_TOKENS ||
            std::ranges::any_of(fields, [&](const Field& other) { return other.name == name; }))
            refuse("field '" + name + "' of type " + std::to_string(field.type));
        fields.push_back({name, field.type});
    }
    return fields;
}

Extent extent_of(const Instance& instance, const el_extent& told) {
    Extent extent;
    const auto refuse = [&](const std::string& found) {
        instance.violation("extent", found, "files laid end to end from byte 0 to the extent's").or_throw();
    };
    if (told.file_count && (!told.files || told.files->size < sizeof(el_source_file))) refuse("files that cannot be read");
    for (std::uint32_t i = 0; i < told.file_count; ++i) {
        el_source_file file;
        std::memcpy(&file, reinterpret_cast<const char*>(told.files) + std::size_t{i} * told.files->size, sizeof file);
        const auto end = base::checked_add(file.begin, file.bytes);
        if (file.begin != extent.bytes || !end) refuse("file " + std::to_string(i) + " at byte " + std::to_string(file.begin));
        extent.files.push_back({std::string(view_of(file.path)), file.begin, file.bytes, std::string(view_of(file.digest)),
                                (file.flags & EL_FILE_DAMAGED) != 0, (file.flags & EL_FILE_IN_MEMORY) != 0});
        extent.bytes = *end;
    }
    if (extent.bytes != told.bytes) refuse("an extent of " + std::to_string(told.bytes) + " bytes");
    return extent;
}

}  // namespace

SourceStage::SourceStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_source_functions*>(functions_of(*instance_, EL_KIND_SOURCE))),
      fields_(fields_of(*instance_, facts_of(*instance_, functions_->facts))) {}

std::optional<std::uint32_t> SourceStage::field(std::string_view name) const {
    for (std::uint32_t f = 0; f < fields_.size(); ++f)
        if (fields_[f].name == name) return f;
    return std::nullopt;
}

const Extent& SourceStage::open() {
    el_extent told{.size = sizeof(el_extent)};
    Outcome outcome = instance_->call(Instance::Tag::main, [&](const el_problems* problems) {
        return functions_->extent(instance_->handle().instance, &told, problems);
    });
    outcome.or_throw();
    extent_ = extent_of(*instance_, told);
    for (Problem& problem : outcome.problems) extent_.remarks.push_back(std::move(problem.error));
    return extent_;
}

Outcome SourceStage::scan(std::uint32_t worker, ByteRange range, Columns& out) const {
    out.begin(2);
    const std::uint64_t asked[2] = {range.begin, range.end};
    const auto check = [&]() -> std::optional<Breach> {
        if (auto breach = check_whole<std::uint64_t>(out, EL_SCAN_STARTS, "starts")) return breach;
        std::uint64_t least = range.begin;
        bool is_bad = false;
        for (const std::uint64_t start : out.get<std::uint64_t>(EL_SCAN_STARTS)) {
            is_bad |= start < least || start >= range.end;
            least = start + 1;
        }
        if (is_bad) return Breach{"starts that do not ascend within " + range_text(range), "ascending starts within it"};
        if (out.bytes(EL_SCAN_PASSED) == 0) return std::nullopt;
        return check_count<std::uint64_t>(out, EL_SCAN_PASSED, 1, "what was passed over");
    };
    return checked_call(
        *instance_, "scan", out,
        [&](const el_problems* problems) {
            return functions_->scan(instance_->handle().instance, instance_->scratch(worker), asked, out.writer(), problems);
        },
        check);
}

namespace {

/// What both reads share: the call, the check of records and fields, the codes.
template <class Call, class IsExpected>
Outcome read_records(const SourceStage& source, Instance& instance, Columns& out, const Call& call,
                     const IsExpected& is_expected) {
    out.begin(1 + 2 * static_cast<std::uint32_t>(source.fields().size()));
    Outcome outcome = checked_call(instance, "read", out, call, [&]() -> std::optional<Breach> {
        if (auto breach = check_whole<el_record>(out, EL_READ_RECORDS, "records")) return breach;
        if (auto breach = check_records(out.get<el_record>(EL_READ_RECORDS), source.extent(), is_expected)) return breach;
        return check_fields(out, source.fields());
    });
    if (!outcome) return outcome;
    const auto records = out.get<el_record>(EL_READ_RECORDS);
    judge_items(instance, outcome, records.size(), [&](std::uint64_t i) { return records[i].code; });
    return outcome;
}

}  // namespace

Outcome SourceStage::read(std::uint32_t worker, ByteRange range, Columns& out) const {
    const std::uint64_t asked[2] = {range.begin, range.end};
    return read_records(
        *this, *instance_, out,
        [&](const el_problems* problems) {
            return functions_->read_range(instance_->handle().instance, instance_->scratch(worker), asked, out.writer(),
                                          problems);
        },
        [&](std::size_t, std::uint64_t id, std::uint64_t before) {
            return id >= range.begin && id < range.end && id >= before;
        });
}

Outcome SourceStage::read(std::uint32_t worker, std::span<const std::uint64_t> ids, Columns& out) const {
    Outcome outcome = read_records(
        *this, *instance_, out,
        [&](const el_problems* problems) {
            return functions_->read_ids(instance_->handle().instance, instance_->scratch(worker), ids.data(), ids.size(),
                                        out.writer(), problems);
        },
        [&](std::size_t i, std::uint64_t id, std::uint64_t) { return i < ids.size() && id == ids[i]; });
    const std::size_t count = out.get<el_record>(EL_READ_RECORDS).size();
    if (outcome && count != ids.size())
        return instance_->violation("read", std::to_string(count) + " records", std::to_string(ids.size()));
    return outcome;
}

}  // namespace embedloom::host
