// Source "text": plain text files; a record is a line, a paragraph or a whole file.
#include "common/scan.h"
#include "common/utf8.h"
#include "common/walk.h"

namespace {

namespace sdk = embedloom::sdk;
namespace source = embedloom::source;

class Text final : public sdk::Source {
  public:
    static constexpr sdk::Declaration declaration{
        .name = "text", .version = "1.0.0", .summary = "Text files: a record is a line, a paragraph or a file.",
        .doc = "UTF-8, plain or packed with gzip or Zstandard (told by content, not by name). Line ends are `\\n` and `\\r\\n`; a "
               "`\\r` alone, U+0085 and U+2028 are text. A byte order mark at a file's start is removed, elsewhere it is "
               "kept, as is NUL. Blank lines, which have nothing before their end, are no records: they are counted. In "
               "paragraphs and files, line ends become `\\n`; paragraphs have no line end at their end, files keep theirs. "
               "Whatever is packed is unpacked once into the run's cache."};
    static constexpr std::array records{sdk::word("lines"), sdk::word("paragraphs"), sdk::word("files")};
    static constexpr std::array policies{sdk::word("refuse"), sdk::word("replace")};
    static constexpr std::array parameters{
        sdk::files("files").required().doc("Files, folders or globs."),
        sdk::choice("records").of(records).otherwise("lines").doc("What one record is. Paragraphs are parted by blank lines."),
        sdk::choice("invalid_utf8").of(policies).otherwise("refuse").doc(
            "What is done with bytes that are no UTF-8: refuse makes the record a bad one; replace puts U+FFFD for each "
            "maximal subpart, as browsers and Python do."),
        sdk::size("max_record_bytes").between(1, 1 << 30).otherwise("64 MiB").in("bytes").doc(
            "A longer record is a bad one; it is passed over without being held in memory.")};

    Text(const sdk::Values& values, const sdk::Host& host)
        : corpus_(values.list("files"), host), replace_(values.text("invalid_utf8") == "replace") {
        const std::string_view unit = values.text("records");
        rules_.unit = unit == "files" ? source::Unit::files : unit == "lines" ? source::Unit::lines : source::Unit::paragraphs;
        rules_.max_record_bytes = values.size("max_record_bytes");
    }

    std::span<const el_field> fields() const override {
        static constexpr el_field field{sizeof(el_field), EL_FIELD_TEXT, {"text", 4}};
        return {&field, 1};
    }
    std::unique_ptr<sdk::Scratch> make_scratch() const override { return std::make_unique<source::Pages>(corpus_); }

    el_extent open(sdk::Problems& problems) override {
        return corpus_.open({rules_.unit, [](const source::DataFile&, std::string_view) {}}, problems);
    }
    std::uint64_t scan(sdk::ByteRange range, sdk::Column<std::uint64_t>& starts, sdk::Scratch* scratch) const override {
        return source::scan_starts(corpus_, static_cast<source::Pages&>(*scratch), rules_.unit, range, starts);
    }
    void read(sdk::ByteRange range, sdk::Reading& out, sdk::Scratch* scratch) const override {
        walk(scratch).range(range, [&](const source::RawRecord& record) { take(record, out); });
    }
    void read(std::span<const std::uint64_t> ids, sdk::Reading& out, sdk::Scratch* scratch) const override {
        walk(scratch).ids(ids, [&](const source::RawRecord& record) { take(record, out); });
    }

  private:
    source::Walk walk(sdk::Scratch* scratch) const { return {corpus_, static_cast<source::Pages&>(*scratch), rules_}; }

    void take(const source::RawRecord& record, sdk::Reading& out) const {
        if (record.too_long) return out.bad_record(record.id, record.bytes, source::too_long(record, rules_));
        const std::string_view text =
            rules_.unit == source::Unit::files ? record.content : source::without_line_end(record.content);
        if (!record.known_utf8) {
            const source::BadUtf8 bad = source::find_bad_utf8(text);
            if (bad.at != std::string_view::npos && !replace_)
                return out.bad_record(record.id, record.bytes, source::bad_utf8(record, bad));
            source::replace_bad_utf8(text, [&](std::string_view piece) { put(piece, out); });
        } else {
            put(text, out);
        }
        out.record(record.id, record.bytes);
    }

    /// Good text, line ends made \n. A \r\n is never cut by pieces: both are ASCII, and pieces end at what is not.
    void put(std::string_view text, sdk::Reading& out) const {
        if (rules_.unit != source::Unit::lines)
            for (std::size_t at; (at = text.find("\r\n")) != std::string_view::npos; text.remove_prefix(at + 1))
                out.text(0, text.substr(0, at));
        out.text(0, text);
    }

    source::Corpus corpus_;
    source::WalkRules rules_;
    bool replace_;
};

}  // namespace

EMBEDLOOM_PLUGIN(Text)
