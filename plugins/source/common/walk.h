// Goes from record to record through the files: the one place that decides which bytes are a record.
#pragma once

#include "pages.h"
#include "units.h"
#include "utf8.h"

#include <span>

namespace embedloom::source {

/// A record as it stands in its file.
struct RawRecord {
    const DataFile* file = nullptr;
    std::uint64_t id = 0;
    std::uint64_t at = 0;      ///< byte in the file
    std::uint64_t bytes = 0;   ///< with its line end
    std::string_view content;  ///< the same bytes, with Pages::padding behind; empty when too_long
    bool too_long = false;     ///< its text alone takes more than max_record_bytes: passed over, never held whole
    bool known_utf8 = false;   ///< false: must be checked
};

struct WalkRules {
    Unit unit = Unit::lines;
    std::uint64_t max_record_bytes = 64 << 20;
    enum class Check { utf8, nothing } check = Check::utf8;
};

/// Why a record is bad: its length.
sdk::Error too_long(const RawRecord& record, const WalkRules& rules);
/// Why a record is bad: bytes that are no UTF-8.
sdk::Error bad_utf8(const RawRecord& record, const BadUtf8& bad);

/// For one call; borrows the worker's pages.
class Walk {
  public:
    Walk(const Corpus& corpus, Pages& pages, const WalkRules& rules) : corpus_(&corpus), pages_(&pages), rules_(rules) {}

    /// each(const RawRecord&) for the records that start in the range, in order.
    template <class Each>
    void range(sdk::ByteRange range, Each&& each) {
        range.end = std::min(range.end, corpus_->bytes());
        for (RawRecord record; range.begin < range.end; range.begin = corpus_->end_of(place_)) {
            if (!enter(range)) continue;
            while (next(record)) each(record);
        }
        pages_->finish();
    }

    /// each(const RawRecord&) for the records that start at the ids, in their order. Throws EL_INTERNAL when none does.
    template <class Each>
    void ids(std::span<const std::uint64_t> ids, Each&& each) {
        RawRecord record;
        for (const std::uint64_t id : ids) {
            seek(id);
            next(record);
            each(record);
        }
        pages_->finish();
    }

  private:
    Window window() const;
    bool enter(sdk::ByteRange range);  // to the first place between records; false: none in the range
    void seek(std::uint64_t id);
    bool next(RawRecord& record);
    void seat(std::size_t place, std::uint64_t at, std::uint64_t limit);
    void fill(std::uint64_t from, std::size_t want);
    void emit(RawRecord& record, std::size_t begin, std::size_t end);
    void pass_long_record(RawRecord& record, std::size_t begin);
    std::size_t first_want(std::uint64_t at) const;

    const Corpus* corpus_;
    Pages* pages_;
    WalkRules rules_;
    std::size_t place_ = SIZE_MAX;
    std::uint32_t file_index_ = EL_NONE;
    const DataFile* file_ = nullptr;
    std::uint64_t limit_ = 0;  // records that start from here on are not ours; in the file
    std::string_view view_;    // bytes of the file from base_ on
    std::uint64_t base_ = 0;
    std::size_t pos_ = 0;      // in view_: where the next record is looked for
    enum class Utf8 { unknown, good, bad } utf8_ = Utf8::unknown;  // of the view's whole lines from utf8_from_ on
    std::size_t utf8_from_ = 0;
    std::size_t usual_bytes_ = 512;  // of a record: how much to read for one alone
    unsigned seats_in_view_ = 0;     // ids that the view had already: with more than one, reading ahead pays
};

}  // namespace embedloom::source
