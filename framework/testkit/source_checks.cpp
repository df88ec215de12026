// What a source must keep: the same records whichever way they are asked for.
#include <embedloom/host/source_stage.h>
#include <embedloom/testkit/checks.h>

namespace embedloom::testkit {

namespace {

using host::ByteRange;
using host::Columns;
using host::SourceStage;
using host::StageName;

/// An open source of a check's process.
struct Opened {
    Opened(Workshop& workshop, const StageName& name) : source(workshop.make(name)) {
        source.open();
        expect(source.extent().bytes > 0, "the settings name no data");
    }
    std::vector<std::uint64_t> starts(ByteRange range) const {
        Columns columns;
        expect(source.scan(0, range, columns), "scan");
        const auto found = columns.get<std::uint64_t>(EL_SCAN_STARTS);
        return {found.begin(), found.end()};
    }
    ByteRange all() const { return {0, source.extent().bytes}; }
    SourceStage source;
};

/// Every cut into two, and into pieces of 1, 7 and 64 bytes, of at most the first 4 KiB.
void check_cuts(Workshop& workshop, const StageName& name) {
    const Opened opened(workshop, name);
    const ByteRange all{0, std::min<std::uint64_t>(opened.source.extent().bytes, 4096)};
    const auto whole = opened.starts(all);
    const auto pieces = [&](std::uint64_t first, std::uint64_t step) {
        auto found = opened.starts({0, std::min(first, all.end)});
        for (std::uint64_t begin = first; begin < all.end; begin += step) {
            const auto more = opened.starts({begin, std::min(begin + step, all.end)});
            found.insert(found.end(), more.begin(), more.end());
        }
        expect(found == whole, "cut at byte " + std::to_string(first) + ", then every " + std::to_string(step));
    };
    for (const std::uint64_t step : {1u, 7u, 64u}) pieces(step, step);
    for (std::uint64_t cut = 0; cut <= all.end; cut += 1 + cut / 64) pieces(cut, all.end);
}

void check_reads(Workshop& workshop, const StageName& name) {
    const Opened opened(workshop, name);
    const auto ids = opened.starts(opened.all());
    Columns by_range, by_id, one;
    expect(opened.source.read(0, opened.all(), by_range), "read of the whole");
    expect(opened.source.read(0, ids, by_id), "read of all records");
    expect(contents_of(by_range) == contents_of(by_id), "other records by range than by their starts");
    expect(opened.source.read(0, std::vector<std::uint64_t>(ids.rbegin(), ids.rend()), one), "read backwards");
    const auto records = by_id.get<el_record>(EL_READ_RECORDS);
    expect(records.size() == ids.size(), "another number of records");
    for (std::size_t i = 0; i < ids.size(); i += 1 + i / 16) {
        expect(opened.source.read(0, std::span(ids).subspan(i, 1), one), "read of one record");
        expect(one.get<el_record>(EL_READ_RECORDS)[0].bytes == records[i].bytes, "record " + std::to_string(i) + " of another length");
        for (std::uint32_t f = 0; f < opened.source.fields().size(); ++f)
            if (opened.source.fields()[f].type == EL_FIELD_TEXT)
                expect(SourceStage::text(one, f, 0) == SourceStage::text(by_id, f, i), "record " + std::to_string(i) + " with another text");
    }
}

void check_nothing(Workshop& workshop, const StageName& name) {
    const Opened opened(workshop, name);
    Columns columns;
    for (const std::uint64_t at : {std::uint64_t{0}, opened.source.extent().bytes})
        expect(opened.starts({at, at}).empty(), "records in an empty range");
    expect(opened.source.read(0, ByteRange{0, 0}, columns), "an empty range");
    expect(opened.source.read(0, std::span<const std::uint64_t>(), columns), "no records");
}

void check_threads(Workshop& workshop, const StageName& name) {
    const Opened opened(workshop, name);
    expect_same_in_threads(workshop, [&](std::uint32_t worker) {
        Columns columns;
        expect(opened.source.read(worker, opened.all(), columns), "read");
        return contents_of(columns);
    });
}

void check_memory_limit(Workshop& workshop, const StageName& name) {
    const Opened opened(workshop, name);
    Columns none(0), enough;
    const host::Outcome outcome = opened.source.read(0, opened.all(), none);
    expect(outcome.status == EL_RESOURCES, "status " + std::to_string(outcome.status));
    expect(opened.source.read(0, opened.all(), enough), "the call after it");
}

}  // namespace

Checks source_checks(const StageName& name) {
    const auto with = [name](void (*check)(Workshop&, const StageName&)) {
        return [name, check](Workshop& workshop) { check(workshop, name); };
    };
    return {{"records start where they start, however the bytes are cut into ranges", with(check_cuts)},
            {"gives the same records by range, by start, and one by one", with(check_reads)},
            {"an empty range and no records give nothing", with(check_nothing)},
            {"gives up when the host has no more memory, and goes on afterwards", with(check_memory_limit)},
            {"gives the same in all threads at once", with(check_threads)}};
}

}  // namespace embedloom::testkit
