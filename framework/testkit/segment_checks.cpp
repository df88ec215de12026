// What a segment strategy must keep: plans that depend on lengths and keys alone, and count what they make.
#include <embedloom/host/segment_stage.h>
#include <embedloom/testkit/checks.h>

#include <algorithm>
#include <cstring>

namespace embedloom::testkit {

namespace {

using host::Columns;
using host::PlanCall;
using host::SegmentStage;
using host::StageName;

/// Records of all lengths that matter around a row's: each field alone, together, missing.
struct Records {
    explicit Records(const SegmentStage& segment) : fields(segment.facts().fields.size()) {
        const std::uint32_t most = segment.facts().max_length;
        std::vector<std::uint32_t> sizes{0, 1, 2, 3, most / 2, most, most + 1, 2 * most + 7, EL_NONE};
        for (std::uint32_t near = most > 6 ? most - 6 : 0; near < most; ++near) sizes.push_back(near);
        for (const std::uint32_t first : sizes)
            for (const std::uint32_t other : sizes) {
                for (std::size_t f = 0; f < fields; ++f) lengths.push_back(f == 0 ? first : other);
                keys.push_back(el_key_for(7, 0, keys.size(), 1));
                if (fields == 1) break;
            }
    }
    PlanCall call(std::size_t begin, std::size_t count) const {
        return {std::span(lengths).subspan(begin * fields, count * fields), std::span(keys).subspan(begin, count)};
    }
    PlanCall all() const { return call(0, keys.size()); }
    std::size_t fields;
    std::vector<std::uint32_t> lengths;
    std::vector<el_key> keys;
};

std::uint64_t planned_rows(const SegmentStage& segment, const PlanCall& call, Columns& columns) {
    expect(segment.plan(0, call, columns), "plan");
    return columns.get<std::uint64_t>(EL_PLAN_ROWS).size();
}

void check_counts(const SegmentStage& segment) {
    const Records records(segment);
    Columns columns;
    const auto counted = [&](const PlanCall& call) {
        std::uint64_t rows = 0;
        expect(segment.count(0, call, rows), "count");
        return rows;
    };
    for (std::size_t begin = 0; begin < records.keys.size(); begin += 5) {
        const PlanCall call = records.call(begin, std::min<std::size_t>(records.keys.size() - begin, begin % 7));
        const std::uint64_t rows = planned_rows(segment, call, columns), count = counted(call);
        expect(rows == count, std::to_string(rows) + " rows from record " + std::to_string(begin) + " and a count of " + std::to_string(count));
    }
    expect(planned_rows(segment, records.all(), columns) == counted(records.all()), "another count for all records");
    expect(planned_rows(segment, records.call(0, 0), columns) == 0, "rows of no records");
}

void check_again(const SegmentStage& segment) {
    const Records records(segment);
    Columns first, second;
    expect(segment.plan(0, records.all(), first), "plan");
    expect(segment.plan(1, records.all(), second), "plan");
    expect(contents_of(first) == contents_of(second), "another plan for the same records");
}

/// Where each record makes one row, its row is the same alone.
void check_alone(const SegmentStage& segment) {
    if (!segment.facts().is_row_per_record) throw NotConcerned("rows are of several records");
    const Records records(segment);
    Columns all, one;
    expect(segment.plan(0, records.all(), all), "plan");
    const auto pieces = all.get<el_piece>(EL_PLAN_PIECES);
    const auto codes = all.get<el_status>(EL_PLAN_CODES);
    std::size_t at = 0;
    for (std::uint32_t r = 0; r < records.keys.size(); ++r) {
        expect(segment.plan(0, records.call(r, 1), one), "plan of one record");
        const std::string what = "record " + std::to_string(r) + " ";
        expect(one.get<el_status>(EL_PLAN_CODES)[0] == codes[r], what + "has another code alone");
        for (el_piece piece : one.get<el_piece>(EL_PLAN_PIECES)) {
            piece.record = r;
            expect(at < pieces.size() && std::memcmp(&piece, &pieces[at++], sizeof piece) == 0, what + "has other pieces alone");
        }
    }
    expect(at == pieces.size(), "fewer pieces alone");
}

/// Where each record makes one row, it is good or bad whatever its key, which is another in each epoch: ranks count once for all of them.
void check_other_keys(const SegmentStage& segment) {
    if (!segment.facts().is_row_per_record) throw NotConcerned("rows are of several records");
    Records records(segment);
    Columns first, second;
    expect(segment.plan(0, records.all(), first), "plan");
    for (std::uint64_t r = 0; r < records.keys.size(); ++r) records.keys[r] = el_key_for(7, 1, r, 1);
    expect(segment.plan(0, records.all(), second), "plan");
    expect(std::ranges::equal(first.get<el_status>(EL_PLAN_CODES), second.get<el_status>(EL_PLAN_CODES)), "other records are bad in another epoch");
}

void check_memory_limit(const SegmentStage& segment) {
    const Records records(segment);
    Columns none(0);
    expect(segment.plan(0, records.all(), none).status == EL_RESOURCES, "another status");
}

}  // namespace

Checks segment_checks(const StageName& name) {
    const auto with = [name](void (*check)(const SegmentStage&)) {
        return [name, check](Workshop& workshop) { check(SegmentStage(workshop.make(name))); };
    };
    const auto in_threads = [name](Workshop& workshop) {
        const SegmentStage segment(workshop.make(name));
        const Records records(segment);
        expect_same_in_threads(workshop, [&](std::uint32_t worker) {
            Columns columns;
            expect(segment.plan(worker, records.all(), columns), "plan");
            return contents_of(columns);
        });
    };
    return {{"counts the rows that it plans", with(check_counts)},
            {"plans the same rows again", with(check_again)},
            {"plans the same row for a record alone", with(check_alone)},
            {"finds the same records bad in another epoch", with(check_other_keys)},
            {"gives up when the host has no more memory", with(check_memory_limit)},
            {"gives the same in all threads at once", in_threads}};
}

}  // namespace embedloom::testkit
