// Whatever a source gives back that cannot be is caught before anybody uses it.
#include <embedloom/host/source_stage.h>

#include "liars.h"

using namespace liars;

namespace {

/// A source that is open and tells one lie.
struct Opened {
    explicit Opened(const std::string& lie) : source(make(EL_KIND_SOURCE, lie, services)) { source.open(); }
    Outcome scan() { return source.scan(0, {5, 20}, columns); }
    Outcome read() { return source.read(0, ByteRange{5, 20}, columns); }
    Outcome read_ids() { return source.read(0, std::vector<std::uint64_t>{15, 0}, columns); }
    Services services;
    SourceStage source;
    Columns columns;
};

}  // namespace

TEST_CASE("source: honest records pass, by range and by id") {
    Opened honest("none");
    CHECK(honest.source.extent().files.size() == 2);
    CHECK(honest.source.extent().files[0].is_damaged);
    CHECK(honest.source.extent().remarks.at(0).source == "a");
    CHECK(honest.source.field("label") == 1);
    CHECK(honest.source.field("other") == std::nullopt);
    CHECK(honest.source.field("input_ids") == 2);
    REQUIRE(honest.scan());
    const auto starts = honest.columns.get<std::uint64_t>(EL_SCAN_STARTS);
    CHECK(std::vector(starts.begin(), starts.end()) == std::vector<std::uint64_t>{5, 10, 15});
    REQUIRE(honest.read());
    CHECK(honest.columns.get<el_record>(EL_READ_RECORDS).size() == 3);
    CHECK(SourceStage::text(honest.columns, 0, 2) == "\xC3\xA9");
    CHECK(SourceStage::tokens(honest.columns, 2, 2)[0] == 72);
    REQUIRE(honest.read_ids());
    CHECK(honest.columns.get<el_record>(EL_READ_RECORDS)[0].id == 15);
}

TEST_CASE("source: starts outside the range, or twice, are caught") {
    CHECK(caught(Opened("starts outside").scan()) == "starts that do not ascend within [5, 20) from scan");
    CHECK(caught(Opened("same start twice").scan()) == "starts that do not ascend within [5, 20) from scan");
    CHECK(caught(Opened("passed twice").scan()) == "16 bytes of what was passed over from scan");
}

TEST_CASE("source: records that were not asked for, or leave their file, are caught") {
    CHECK(caught(Opened("a record twice").read()) == "record 3 of 5 bytes at byte 5 from read");
    CHECK(caught(Opened("over the file's end").read()) == "record 0 of 11 bytes at byte 5 from read");
    CHECK(caught(Opened("another id").read_ids()) == "record 0 of 5 bytes at byte 16 from read");
    CHECK(caught(Opened("one record less").read_ids()) == "1 records from read");
}

TEST_CASE("source: fields that do not fit their records are caught") {
    CHECK(caught(Opened("one label more").read()) == "32 bytes of label from read");
    CHECK(caught(Opened("a text beside a code").read()) == "record 0 with a code and a text from read");
}

TEST_CASE("source: texts that are not UTF-8, as a whole or by where they are cut, are caught") {
    CHECK(caught(Opened("no UTF-8").read()) == "byte 195 in a text from read");
    CHECK(caught(Opened("cut character").read()) == "record 0 that ends within a character from read");
}

TEST_CASE("source: tokens that do not fit their records are caught") {
    CHECK(caught(Opened("tokens beside a code").read()) == "record 0 with a code and tokens from read");
    CHECK(caught(Opened("token ends that descend").read()) == "ends of tokens that descend from read");
    CHECK(caught(Opened("an id that is none").read()) == "id 4294967295 from read");
}

TEST_CASE("source: records that were lent are shown, and it is known who asked for them") {
    Services services;
    const el_records records{.size = sizeof(el_records), .reserved = 0, .schema = nullptr, .chunks = nullptr, .chunk_count = 0};
    const auto open = [&] { SourceStage(make(EL_KIND_SOURCE, "no lie: lent records", services)).open(); };
    CHECK(thrown(open).code == base::Code::no_input);
    services.records = &records;
    CHECK_FALSE(services.records_are_taken);
    open();
    CHECK(services.records_are_taken);
}

TEST_CASE("source: a bad record without a reason gets one") {
    const Outcome outcome = Opened("bad without a reason").read();
    REQUIRE(outcome);
    REQUIRE(outcome.problems.size() == 3);
    CHECK(outcome.problems[2].item == 2);
}

TEST_CASE("source: facts and extents that cannot be are refused") {
    Services services;
    const auto facts = [&](const std::string& lie) {
        return thrown([&] { SourceStage source(make(EL_KIND_SOURCE, lie, services)); }).found;
    };
    CHECK(facts("no fields") == "0 fields from facts");
    CHECK(facts("strange field") == "field 'text' of type 9 from facts");
    CHECK(thrown([] { Opened("wrong extent"); }).found == "an extent of 21 bytes from extent");
    CHECK(thrown([] { Opened("no files"); }).found == "files that cannot be read from extent");
}
