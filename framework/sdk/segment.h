// What a segment strategy derives from.
#pragma once

#include <embedloom/abi/segment.h>
#include <embedloom/sdk/plugin.h>

namespace embedloom::sdk {

/// One call of plan: lengths in, pieces of rows out. For each row: its pieces, then end_row(); for each record one code.
class Planning {
  public:
    Planning(const el_segment_call& call, const el_writer* out, Problems& problems)
        : call_(&call), pieces_(out, EL_PLAN_PIECES), rows_(out, EL_PLAN_ROWS), codes_(out, EL_PLAN_CODES),
          problems_(&problems) {}

    std::uint64_t record_count() const { return call_->record_count; }
    /// Tokens of a field of a record; EL_NONE: the record lacks it. Field f is facts().fields[f].
    std::uint32_t length(std::uint64_t record, std::uint32_t field) const {
        return call_->lengths[record * call_->field_count + field];
    }
    const el_key& key(std::uint64_t record) const { return call_->keys[record]; }

    /// A run of tokens of a field, the next piece of the row.
    void tokens(const el_piece& piece) { pieces_.push(piece); }
    /// One special token, the next piece of the row.
    void literal(std::uint32_t token, std::uint32_t record, std::uint32_t segment) {
        pieces_.push({EL_LITERAL, record, token, token + 1, segment, 0});
    }
    void end_row() { rows_.push(pieces_.count()); }
    void good_record() { codes_.push(EL_OK); }
    void bad_record(const Error& error) {
        problems_->add(error);
        codes_.push(error.code);
    }
    void flush() {
        pieces_.flush();
        rows_.flush();
        codes_.flush();
    }

  private:
    const el_segment_call* call_;
    Column<el_piece> pieces_;
    Column<std::uint64_t> rows_;
    Column<el_status> codes_;
    Problems* problems_;
};

class Segment : public Stage {
  public:
    using KindBase = Segment;
    static constexpr el_kind kind = EL_KIND_SEGMENT;

    /// [main] What it reads and makes; `size` is filled for you. Arrays live as long as the stage.
    virtual el_segment_facts facts() const = 0;
    /// [any-thread] Rows of records.
    virtual void plan(Planning& call, Scratch* scratch) const = 0;
    /// [any-thread] How many rows plan would make.
    virtual std::uint64_t count(const el_segment_call& call, Scratch* scratch) const = 0;

    static const el_segment_functions functions;
};

namespace detail {
struct SegmentCalls {
    static el_status facts(void* instance, el_segment_facts* out) {
        return guarded(nullptr, [&](Problems&) {
            el_segment_facts facts = stage_of<Segment>(instance).facts();
            facts.size = sizeof(el_segment_facts);
            std::memcpy(out, &facts, std::min<std::size_t>(out->size, sizeof facts));
            return EL_OK;
        });
    }
    static el_status plan(void* instance, void* scratch, const el_segment_call* call, const el_writer* out,
                          const el_problems* to) {
        return guarded(to, [&](Problems& problems) {
            Planning planning(*call, out, problems);
            stage_of<Segment>(instance).plan(planning, static_cast<Scratch*>(scratch));
            planning.flush();
            return EL_OK;
        });
    }
    static el_status count(void* instance, void* scratch, const el_segment_call* call, std::uint64_t* rows) {
        return guarded(nullptr, [&](Problems&) {
            *rows = stage_of<Segment>(instance).count(*call, static_cast<Scratch*>(scratch));
            return EL_OK;
        });
    }
};
}  // namespace detail

inline constexpr el_segment_functions Segment::functions{sizeof(el_segment_functions), 0, &detail::SegmentCalls::facts,
                                                         &detail::SegmentCalls::plan, &detail::SegmentCalls::count};

}  // namespace embedloom::sdk
