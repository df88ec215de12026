// Checks of the plans that a segment strategy makes.
#include <embedloom/host/segment_stage.h>

#include <embedloom/host/check.h>
#include <embedloom/host/kind.h>
#include <embedloom/host/tokenizer_stage.h>

#include <algorithm>

namespace embedloom::host {

namespace {

/// What a plan is checked against.
struct PlanLimits {
    const SegmentFacts& facts;
    const PlanCall& call;
    std::uint32_t vocab_size;
    std::span<const el_status> codes;
};

bool is_piece(const el_piece& piece, const PlanLimits& limits) {
    if (piece.record >= limits.codes.size() || limits.codes[piece.record] != EL_OK ||
        piece.segment >= limits.facts.segment_ids)
        return false;
    if (piece.field == EL_LITERAL) return piece.begin < limits.vocab_size && piece.end == piece.begin + 1;
    const std::size_t fields = limits.facts.fields.size();
    if (piece.field >= fields) return false;
    const std::uint32_t length = limits.call.lengths[piece.record * fields + piece.field];
    return piece.begin <= piece.end && piece.end <= length && length != EL_NONE;
}

std::string piece_text(const el_piece& piece) {
    return "a piece (field " + std::to_string(piece.field) + ", record " + std::to_string(piece.record) + ", tokens " +
           std::to_string(piece.begin) + " to " + std::to_string(piece.end) + ", segment " + std::to_string(piece.segment) + ")";
}

/// One row: every piece within its field, the sum within max_length.
std::optional<Breach> check_row(std::span<const el_piece> pieces, std::uint64_t row, const PlanLimits& limits) {
    std::uint64_t tokens = 0;
    for (const el_piece& piece : pieces) {
        if (!is_piece(piece, limits))
            return Breach{item_text("row", row) + "with " + piece_text(piece),
                          "pieces within fields of good records, literal tokens of the vocabulary, segments below " +
                              std::to_string(limits.facts.segment_ids)};
        tokens += piece.end - piece.begin;
    }
    if (tokens <= limits.facts.max_length) return std::nullopt;
    return Breach{item_text("row", row) + "of " + std::to_string(tokens) + " tokens",
                  "at most " + std::to_string(limits.facts.max_length)};
}

/// Where each record makes one row: row r is of the r-th good record alone.
std::optional<Breach> check_one_row_each(std::span<const el_piece> pieces, std::span<const std::uint64_t> rows,
                                         std::span<const el_status> codes) {
    const auto good = static_cast<std::size_t>(std::ranges::count(codes, EL_OK));
    if (rows.size() != good) return Breach{std::to_string(rows.size()) + " rows", "one for each of the " +
                                                                                     std::to_string(good) + " good records"};
    std::uint32_t record = 0;
    std::uint64_t piece = 0;
    for (std::size_t r = 0; r < rows.size(); ++r, ++record) {
        while (codes[record] != EL_OK) ++record;
        for (; piece < rows[r]; ++piece)
            if (pieces[piece].record != record)
                return Breach{item_text("row", r) + "with a piece of record " + std::to_string(pieces[piece].record),
                              "pieces of record " + std::to_string(record)};
    }
    return std::nullopt;
}

/// Elsewhere a row's first piece says whose it is.
std::optional<Breach> check_owners(std::span<const std::uint64_t> rows) {
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r] == (r ? rows[r - 1] : 0)) return Breach{item_text("row", r) + "without a piece", "a piece, which says whose row it is"};
    return std::nullopt;
}

std::optional<Breach> check_plan(const Columns& out, const SegmentFacts& facts, const PlanCall& call, std::uint32_t vocab_size) {
    if (auto breach = check_whole<el_piece>(out, EL_PLAN_PIECES, "pieces")) return breach;
    if (auto breach = check_whole<std::uint64_t>(out, EL_PLAN_ROWS, "rows")) return breach;
    if (auto breach = check_count<el_status>(out, EL_PLAN_CODES, call.keys.size(), "codes")) return breach;
    const auto pieces = out.get<el_piece>(EL_PLAN_PIECES);
    const auto rows = out.get<std::uint64_t>(EL_PLAN_ROWS);
    if (auto breach = check_ends(rows, pieces.size(), "rows")) return breach;
    const PlanLimits limits{facts, call, vocab_size, out.get<el_status>(EL_PLAN_CODES)};
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::uint64_t begin = r ? rows[r - 1] : 0;
        if (auto breach = check_row(pieces.subspan(begin, rows[r] - begin), r, limits)) return breach;
    }
    return facts.is_row_per_record ? check_one_row_each(pieces, rows, limits.codes) : check_owners(rows);
}

SegmentFacts owned(const Instance& instance, const el_segment_facts& told) {
    SegmentFacts facts{(told.flags & EL_ROW_PER_RECORD) != 0, told.max_length, told.segment_ids, told.window_rows, {}, {}};
    const auto refuse = [&](const std::string& found, const std::string& expected) {
        instance.violation("facts", found, expected).or_throw();
    };
    constexpr std::uint32_t most_fields = 64;
    if (!told.field_count || told.field_count > most_fields || !told.fields || !told.wanted)
        refuse(std::to_string(told.field_count) + " fields", "at least one, with what is wanted of each");
    if (!told.max_length || !told.segment_ids || !told.window_rows)
        refuse("a max_length, segment_ids or window_rows of 0", "at least 1");
    constexpr std::uint32_t most_segments = 65536;  // what the host keeps of a token's segment is 16 bits wide
    if (told.segment_ids > most_segments) refuse(std::to_string(told.segment_ids) + " segment_ids", "at most 65536");
    for (std::uint32_t f = 0; f < told.field_count; ++f) {
        facts.fields.emplace_back(view_of(told.fields[f]));
        facts.wanted.push_back(told.wanted[f]);
        if (!is_name(facts.fields.back())) refuse("a field '" + facts.fields.back() + "'", "a name");
    }
    return facts;
}

}  // namespace

SegmentStage::SegmentStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_segment_functions*>(functions_of(*instance_, EL_KIND_SEGMENT))),
      facts_(owned(*instance_, facts_of(*instance_, functions_->facts))),
      vocab_size_(instance_->services().tokenizer ? instance_->services().tokenizer->vocabulary().vocab_size : 0) {}

namespace {

el_segment_call abi_call(const PlanCall& call, const SegmentFacts& facts) {
    return {sizeof(el_segment_call), static_cast<std::uint32_t>(facts.fields.size()), call.keys.size(), call.lengths.data(),
            call.keys.data()};
}

}  // namespace

Outcome SegmentStage::plan(std::uint32_t worker, const PlanCall& call, Columns& out) const {
    out.begin(3);
    const el_segment_call asked = abi_call(call, facts_);
    Outcome outcome = checked_call(
        *instance_, "plan", out,
        [&](const el_problems* problems) {
            return functions_->plan(instance_->handle().instance, instance_->scratch(worker), &asked, out.writer(), problems);
        },
        [&] { return check_plan(out, facts_, call, vocab_size_); });
    if (!outcome) return outcome;
    const auto codes = out.get<el_status>(EL_PLAN_CODES);
    judge_items(*instance_, outcome, codes.size(), [&](std::uint64_t i) { return codes[i]; });
    return outcome;
}

Outcome SegmentStage::count(std::uint32_t worker, const PlanCall& call, std::uint64_t& rows) const {
    const el_segment_call asked = abi_call(call, facts_);
    return instance_->call(Instance::Tag::any_thread, [&](const el_problems*) {
        return functions_->count(instance_->handle().instance, instance_->scratch(worker), &asked, &rows);
    });
}

}  // namespace embedloom::host
