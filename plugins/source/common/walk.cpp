// Records of ranges and of ids, with a buffer that grows no further than one record may.
#include "walk.h"

#include <algorithm>

namespace embedloom::source {

namespace {
constexpr std::size_t slack = 4 << 10;  // read beyond a range, for the end of its last record
constexpr std::size_t least = 512;      // read for one record of unknown length
}

sdk::Error too_long(const RawRecord& record, const WalkRules& rules) {
    return {.code = EL_BAD_DATA, .source = record.file->path, .byte = record.at,
            .found = "a record of " + std::to_string(record.bytes) + " bytes",
            .expected = "at most " + std::to_string(rules.max_record_bytes), .hint = "raise max_record_bytes"};
}

sdk::Error bad_utf8(const RawRecord& record, const BadUtf8& bad) {
    const std::string hint = record.file->flags & EL_FILE_DAMAGED ? "the file is damaged" : "";
    return {.code = EL_BAD_DATA, .source = record.file->path, .byte = record.at + bad.at,
            .found = hex_bytes(record.content.substr(bad.at, bad.size)), .expected = "UTF-8", .hint = hint};
}

Window Walk::window() const {
    return {view_, base_ == file_->first, base_ + view_.size() == file_->bytes};
}

std::size_t Walk::first_want(std::uint64_t at) const {
    if (limit_ == at + 1) return seats_in_view_ > 1 ? 4 * slack : std::clamp(2 * usual_bytes_, least, slack);
    return static_cast<std::size_t>(std::min<std::uint64_t>(limit_ - std::min(at, limit_) + slack, Pages::chunk));
}

void Walk::fill(std::uint64_t from, std::size_t want) {
    view_ = pages_->bytes(file_index_, from, want);
    base_ = from;
    pos_ = 0;
    seats_in_view_ = 0;
    utf8_ = Utf8::unknown;
}

void Walk::seat(std::size_t place, std::uint64_t at, std::uint64_t limit) {
    const bool same = place == place_;
    place_ = place;
    file_index_ = corpus_->places()[place].file;
    file_ = &corpus_->file(file_index_);
    limit_ = limit;
    const std::uint64_t from = at - std::min<std::uint64_t>(look_back, at - file_->first);
    if (!same || from < base_ || at >= base_ + view_.size())
        fill(from, first_want(at));
    else
        ++seats_in_view_;
    pos_ = static_cast<std::size_t>(at - base_);
}

bool Walk::enter(sdk::ByteRange range) {
    const std::size_t place = corpus_->place_of(range.begin);
    const std::uint64_t begin = corpus_->places()[place].begin;
    const DataFile& file = corpus_->file(corpus_->places()[place].file);
    const std::uint64_t at = std::max(range.begin - begin, file.first), limit = std::min(range.end - begin, file.bytes);
    if (at >= limit || (rules_.unit == Unit::files && at > file.first)) {
        place_ = place;
        view_ = {};
        base_ = file.bytes;
        return false;
    }
    seat(place, at, limit);
    for (;;) {
        pos_ = find_between(window(), pos_, rules_.unit);
        if (pos_ != npos) return base_ + pos_ < limit_;
        const std::uint64_t end = base_ + view_.size();
        if (end >= limit_) return false;
        fill(end - look_back, first_want(end));
        pos_ = look_back;
    }
}

void Walk::seek(std::uint64_t id) {
    const auto unknown = [&] {
        return sdk::Error{.code = EL_INTERNAL, .byte = id, .found = "no record that starts here",
                          .expected = "a record's start", .hint = "the index is of other data"};
    };
    if (id >= corpus_->bytes()) throw unknown();
    const std::size_t place = corpus_->place_of(id);
    const std::uint64_t at = id - corpus_->places()[place].begin;
    if (at < corpus_->file(corpus_->places()[place].file).first) throw unknown();
    seat(place, at, at + 1);
    if (view_.size() - pos_ < look_ahead && !window().at_end) {
        fill(base_, first_want(at));
        pos_ = static_cast<std::size_t>(at - base_);
    }
    if (!is_between(window(), pos_, rules_.unit) || skip_blank(window(), pos_, rules_.unit) != pos_) throw unknown();
}

bool Walk::next(RawRecord& record) {
    for (;;) {
        const std::size_t begin = skip_blank(window(), pos_, rules_.unit);
        if (begin != npos) {
            pos_ = begin;
            if (base_ + begin >= limit_) return false;
            const bool large_file = rules_.unit == Unit::files && file_->bytes - file_->first > rules_.max_record_bytes;
            const std::size_t end = large_file ? npos : end_of_record(window(), begin, rules_.unit);
            if (end != npos) return emit(record, begin, end), true;
            if (large_file || view_.size() - begin > rules_.max_record_bytes + 2) return pass_long_record(record, begin), true;
        } else if (base_ + pos_ >= limit_) {
            return false;
        }
        // Twice as much each time, up to what shows that the record is too long.
        const std::uint64_t more = std::min<std::uint64_t>(2 * (view_.size() - pos_), rules_.max_record_bytes + slack);
        fill(base_ + pos_, std::max(first_want(base_ + pos_), static_cast<std::size_t>(more)));
    }
}

void Walk::emit(RawRecord& record, std::size_t begin, std::size_t end) {
    if (rules_.check == WalkRules::Check::utf8 && (utf8_ == Utf8::unknown || begin < utf8_from_)) {
        const std::size_t last_newline = view_.rfind('\n');
        const std::size_t whole = window().at_end ? view_.size() : std::max(end, last_newline + 1);
        utf8_ = is_utf8(view_.substr(begin, whole - begin)) ? Utf8::good : Utf8::bad;
        utf8_from_ = begin;
    }
    const std::string_view content = view_.substr(begin, end - begin);
    const std::size_t text = rules_.unit == Unit::files ? content.size() : without_line_end(content).size();
    const std::uint64_t at = base_ + begin;
    record = {file_, corpus_->places()[place_].begin + at, at, content.size(), content, text > rules_.max_record_bytes,
              utf8_ == Utf8::good};
    usual_bytes_ += content.size() / 8 - usual_bytes_ / 8;
    pos_ = end;
}

void Walk::pass_long_record(RawRecord& record, std::size_t begin) {
    const std::uint64_t at = base_ + begin;
    std::uint64_t from = rules_.unit == Unit::files ? file_->bytes - 1 : base_ + view_.size() - look_ahead;
    for (;;) {
        fill(from, Pages::chunk);
        const std::size_t end = end_of_record(window(), 0, rules_.unit);
        if (end != npos) {
            pos_ = end;
            break;
        }
        from = base_ + view_.size() - look_ahead;
    }
    record = {file_, corpus_->places()[place_].begin + at, at, base_ + pos_ - at, {}, true, false};
}

}  // namespace embedloom::source
