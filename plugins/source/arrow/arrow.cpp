// Source "arrow": records of a table that the caller of a run has in memory: texts, or token ids that are there already.
#include "../common/digest.h"
#include "../common/label.h"
#include "../common/utf8.h"
#include "schema.h"
#include "table.h"

#include <embedloom/sdk/plugin.h>

#include <charconv>
#include <optional>

namespace {

namespace sdk = embedloom::sdk;
namespace source = embedloom::source;

constexpr std::string_view table_name = "records";

class Arrow final : public sdk::Source {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "arrow", .version = "1.0.0", .summary = "A table in memory, by the Arrow C stream: texts or token ids.",
        .doc = "For programs that have their data at hand: `embedloom.open(config, records=table)` in Python, where the table is of pyarrow, "
               "polars, duckdb, pandas, Hugging Face datasets or anything else with `__arrow_c_stream__`. Nothing of it is copied but the "
               "texts of the windows in the making.\n\n"
               "A record is a row. Texts are `string`, `large_string`, `string_view` or a dictionary of them; ids are lists of integers of "
               "any width; labels are integers and booleans (int64) or floats (float32 in the batch). A null, invalid UTF-8, an id that "
               "none can be and a label that is no finite float32 make the row a bad record. How the table is cut into chunks changes nothing."};
    static constexpr std::array parameters{
        sdk::text("text").otherwise("text").doc("The column with the text. Not looked at when `input_ids` is set."),
        sdk::text("pair").doc("The column with the second text of a pair."),
        sdk::text("label").doc("The column with the label."),
        sdk::text("input_ids").doc(
            "The column with token ids in place of the text: the tokenizer is not asked, `segment` adds what its template has."),
        sdk::text("pair_input_ids").doc("The column with token ids in place of the pair."),
        sdk::size("max_record_bytes").between(1, 1 << 30).otherwise("64 MiB").in("bytes").doc(
            "A row whose texts and ids (4 bytes each) take more is a bad record.")};

    Arrow(const sdk::Values& values, const sdk::Host& host)
        : lent_(host.records()), max_record_bytes_(values.size("max_record_bytes")) {
        if (!lent_)
            throw sdk::Error{.parameter = "use", .found = "no records", .expected = "records that a program lends",
                             .hint = "in Python: embedloom.open(config, records=table); for files: jsonl or text"};
        const source::Schema schema(*lent_->schema);
        const bool has_ids = values.has("input_ids"), has_pair_ids = values.has("pair_input_ids");
        if (has_pair_ids && values.has("pair"))
            values.refuse("pair_input_ids", {.found = "pairs as texts and as ids", .expected = "one of both"});
        add(has_ids ? "input_ids" : "text", schema, values);
        if (has_pair_ids || values.has("pair")) add(has_pair_ids ? "pair_input_ids" : "pair", schema, values);
        if (values.has("label")) add("label", schema, values);
        fields_.push_back({sizeof(el_field), EL_FIELD_INTEGER, sdk::to_abi("row")});
    }

    std::span<const el_field> fields() const override { return fields_; }

    el_extent open(sdk::Problems&) override {
        table_.emplace(*lent_, used_);
        digest_ = digest();
        file_ = {sizeof(el_source_file), EL_FILE_IN_MEMORY, sdk::to_abi(table_name), 0, table_->bytes(), sdk::to_abi(digest_)};
        return {.file_count = 1, .files = &file_, .bytes = table_->bytes()};
    }
    std::uint64_t scan(sdk::ByteRange range, sdk::Column<std::uint64_t>& starts, sdk::Scratch*) const override {
        for (source::TableRow row = table_->find(range.begin); row.id < range.end && !table_->is_end(row); table_->next(row)) starts.push(row.id);
        return 0;
    }
    void read(sdk::ByteRange range, sdk::Reading& out, sdk::Scratch*) const override {
        for (source::TableRow row = table_->find(range.begin); row.id < range.end && !table_->is_end(row); table_->next(row)) take(row, out);
    }
    void read(std::span<const std::uint64_t> ids, sdk::Reading& out, sdk::Scratch*) const override {
        for (const std::uint64_t id : ids) {
            const source::TableRow row = table_->find(id);
            if (table_->is_end(row) || row.id != id)
                throw sdk::Error{.code = EL_BAD_DATA, .source = std::string(table_name), .byte = id, .found = "no row that starts there"};
            take(row, out);
        }
    }

  private:
    static std::uint32_t field_type(const source::Type& type) {
        if (type.is_text()) return EL_FIELD_TEXT;
        if (type.is_list()) return EL_FIELD_TOKENS;
        return source::is_real(type.number) ? EL_FIELD_NUMBER : EL_FIELD_INTEGER;
    }

    void add(std::string_view parameter, const source::Schema& schema, const sdk::Values& values) {
        const auto child = schema.find(parameter, values);
        if (!child) return;
        const auto type = source::type_of(schema.column(*child));
        const bool wants_ids = parameter.ends_with("input_ids"), wants_label = parameter == "label";
        const bool fits = type && (wants_ids ? type->is_list() : wants_label ? type->shape == source::Shape::number : type->is_text());
        if (!fits)
            return values.refuse(parameter, {.found = "a column of " + source::name_of(schema.column(*child)),
                                             .expected = wants_ids     ? "lists of integers"
                                                         : wants_label ? "integers, booleans or floats"
                                                                       : "texts: string, large_string, string_view, or a dictionary of them",
                                             .hint = "cast it, or name another column"});
        used_.push_back({std::string(values.text(parameter)), *child, *type});
        fields_.push_back({sizeof(el_field), field_type(*type), sdk::to_abi(parameter)});
    }

    /// Of the size, the fields' types, and rows from all over the table: each row's place tells the lengths of all before it.
    std::string digest() const {
        constexpr std::uint64_t samples = 1024, sample_bytes = 4096;
        source::Digest digest;
        digest.add(std::to_string(table_->rows()) + " rows " + std::to_string(table_->bytes()) + " bytes");
        for (const el_field& field : fields_) digest.add(" " + std::string(sdk::from_abi(field.name)) + " " + std::to_string(field.type));
        const std::uint64_t count = std::min(samples, table_->rows());
        for (std::uint64_t i = 0; i < count; ++i) {
            const source::TableRow row = table_->at(count > 1 ? i * (table_->rows() - 1) / (count - 1) : 0);
            digest.add(" " + std::to_string(row.id) + ":");
            for (std::size_t f = 0; f < used_.size(); ++f) add_sample(digest, row, f, sample_bytes);
        }
        return digest.hex();
    }

    void add_sample(source::Digest& digest, const source::TableRow& row, std::size_t f, std::uint64_t most) const {
        const source::Column& column = table_->column(row, f);
        if (table_->is_null(row, f)) return digest.add("null");
        if (used_[f].type.is_text()) return digest.add(column.text(row.row).substr(0, most));
        if (used_[f].type.is_list()) {
            if (column.wrong_token(row.row)) return digest.add("wrong");
            std::vector<std::uint32_t> ids(column.items(row.row));
            column.tokens(row.row, ids.data());
            ids.resize(std::min<std::size_t>(ids.size(), most / sizeof(std::uint32_t)));
            return digest.add({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(std::uint32_t)});
        }
        const source::Label label = column.label(row.row);
        digest.add(source::is_real(used_[f].type.number) ? std::to_string(label.number) : std::to_string(label.integer));
    }

    /// What is wrong with a row; nothing of it is given then.
    std::optional<sdk::Error> mistake_of(const source::TableRow& row) const {
        if (const std::uint64_t bytes = table_->bytes_of(row) - 1; bytes > max_record_bytes_)
            return bad(std::to_string(bytes) + " bytes in row " + std::to_string(table_->number_of(row)), "at most " + std::to_string(max_record_bytes_));
        for (std::size_t f = 0; f < used_.size(); ++f)
            if (auto mistake = mistake_of(row, f)) return mistake;
        return std::nullopt;
    }

    std::optional<sdk::Error> mistake_of(const source::TableRow& row, std::size_t f) const {
        const auto place = [&] { return " in column '" + used_[f].name + "' of row " + std::to_string(table_->number_of(row)); };
        if (table_->is_null(row, f)) return bad("a null" + place(), "a value");
        const source::Column& column = table_->column(row, f);
        if (fields_[f].type == EL_FIELD_TEXT) {
            const std::string_view text = column.text(row.row);
            const source::BadUtf8 wrong = source::find_bad_utf8(text);
            if (wrong.at == std::string_view::npos) return std::nullopt;
            return bad(source::hex_bytes(text.substr(wrong.at, wrong.size)) + " at byte " + std::to_string(wrong.at) + place(), "UTF-8");
        }
        if (fields_[f].type == EL_FIELD_TOKENS) {
            const auto wrong = column.wrong_token(row.row);
            if (!wrong) return std::nullopt;
            return bad("token " + std::to_string(*wrong) + place() + ": " + column.item_text(row.row, *wrong), "an id from 0 to 4294967294");
        }
        const source::Label label = column.label(row.row);
        if (label.fits) return std::nullopt;
        if (fields_[f].type == EL_FIELD_INTEGER) return bad("a label beyond 64 bits with sign" + place(), "one from -2^63 to 2^63 - 1");
        return bad("the label " + shown(label.number) + place(), std::string(source::real_labels));
    }

    static std::string shown(double number) {
        char digits[32];
        return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
    }

    static sdk::Error bad(std::string found, std::string expected) {
        return {.code = EL_BAD_DATA, .source = std::string(table_name), .found = std::move(found), .expected = std::move(expected)};
    }

    void take(const source::TableRow& row, sdk::Reading& out) const {
        if (auto mistake = mistake_of(row)) return out.bad_record(row.id, table_->bytes_of(row), std::move(*mistake));
        for (std::size_t f = 0; f < used_.size(); ++f) put(row, f, out);
        out.integer(used_.size(), static_cast<std::int64_t>(table_->number_of(row)));
        out.record(row.id, table_->bytes_of(row));
    }

    void put(const source::TableRow& row, std::size_t f, sdk::Reading& out) const {
        const source::Column& column = table_->column(row, f);
        switch (fields_[f].type) {
            case EL_FIELD_TEXT: return out.text(f, column.text(row.row));
            case EL_FIELD_INTEGER: return out.integer(f, column.label(row.row).integer);
            case EL_FIELD_NUMBER: return out.number(f, column.label(row.row).number);
            default: break;
        }
        const auto count = static_cast<std::size_t>(column.items(row.row));
        if (!count) return;
        column.tokens(row.row, out.token_room(f, count));
        out.tokens_committed(f, count);
    }

    const el_records* lent_;
    std::uint64_t max_record_bytes_;
    std::vector<source::UsedColumn> used_;
    std::vector<el_field> fields_;  // of the used columns, then "row"
    std::optional<source::Table> table_;
    std::string digest_;
    el_source_file file_{};
};

}  // namespace

EMBEDLOOM_PLUGIN(Arrow)
