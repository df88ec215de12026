// Plans, labels, positions and tables that cannot be are caught before anybody uses them.
#include <embedloom/host/objective_stage.h>
#include <embedloom/host/position_stage.h>
#include <embedloom/host/segment_stage.h>
#include <embedloom/host/table_stage.h>
#include <embedloom/host/tokenizer_stage.h>

#include "liars.h"

using namespace liars;

namespace {

/// The services of a pipeline whose tokenizer has 16 tokens.
struct Pipeline {
    Pipeline() : tokenizer(make(EL_KIND_TOKENIZER, "none", services)) { services.tokenizer = &tokenizer; }
    Services services;
    TokenizerStage tokenizer;
    Columns columns;
};

Outcome plan(const std::string& lie) {
    Pipeline pipeline;
    const SegmentStage segment(make(EL_KIND_SEGMENT, lie, pipeline.services));
    const std::vector<std::uint32_t> lengths{3, EL_NONE, 7, 8};
    return segment.plan(0, {lengths, std::vector<el_key>(4)}, pipeline.columns);
}

Outcome apply(const std::string& lie) {
    Pipeline pipeline;
    const ObjectiveStage objective(make(EL_KIND_OBJECTIVE, lie, pipeline.services));
    const std::vector<std::uint64_t> ends{2, 3};
    const std::vector<std::uint32_t> ids{1, 2, 15};
    const std::vector<std::uint8_t> special(3);
    return objective.apply(0, {ends, ids, special, {}, std::vector<el_key>(2)}, pipeline.columns);
}

}  // namespace

TEST_CASE("segment: an honest plan passes, with a reason for each bad record") {
    const Outcome outcome = plan("none");
    REQUIRE(outcome);
    REQUIRE(outcome.problems.size() == 2);
    CHECK(outcome.problems[0].item == 1);
    CHECK(outcome.problems[1].item == 3);
    Pipeline pipeline;
    const SegmentStage segment(make(EL_KIND_SEGMENT, "none", pipeline.services));
    CHECK(segment.facts().is_row_per_record);
    std::uint64_t rows = 0;
    CHECK(segment.count(0, {std::vector<std::uint32_t>{3, EL_NONE}, std::vector<el_key>(2)}, rows));
    CHECK(rows == 1);
}

TEST_CASE("segment: pieces outside their fields, records or segments are caught") {
    const auto piece = [](const std::string& what) { return "row 0 with a piece (" + what + ") from plan"; };
    CHECK(caught(plan("another field")) == piece("field 1, record 0, tokens 0 to 3, segment 1"));
    CHECK(caught(plan("another record")) == piece("field 0, record 99, tokens 0 to 3, segment 1"));
    CHECK(caught(plan("too far")) == piece("field 0, record 0, tokens 0 to 4, segment 1"));
    CHECK(caught(plan("backwards")) == piece("field 0, record 0, tokens 4 to 3, segment 1"));
    CHECK(caught(plan("another segment")) == piece("field 0, record 0, tokens 0 to 3, segment 2"));
    CHECK(caught(plan("large literal")) == piece("field 4294967295, record 0, tokens 16 to 17, segment 0"));
    CHECK(caught(plan("two literals")) == piece("field 4294967295, record 0, tokens 1 to 3, segment 0"));
}

TEST_CASE("segment: rows that are too long, too many, or of other records are caught") {
    CHECK(caught(plan("too long")) == "row 1 with a piece (field 0, record 1, tokens 0 to 0, segment 1) from plan");
    CHECK(caught(plan("pieces of bad records")) ==
          "row 1 with a piece (field 4294967295, record 1, tokens 1 to 2, segment 0) from plan");
    CHECK(caught(plan("the next record")) == "row 0 with a piece (field 0, record 1, tokens 0 to 3, segment 1) from plan");
    CHECK(caught(plan("one code more")) == "20 bytes of codes from plan");
    CHECK(caught(plan("one row more")) == "3 rows from plan");
    CHECK(caught(plan("a row of nobody")) == "row 2 without a piece from plan");
    CHECK(caught(plan("descending rows")) == "ends of rows that descend from plan");
    CHECK(caught(plan("half a piece")) == "100 bytes of pieces from plan");
}

TEST_CASE("segment: a row over max_length is caught") {
    Pipeline pipeline;
    const SegmentStage segment(make(EL_KIND_SEGMENT, "too long", pipeline.services));
    CHECK(caught(segment.plan(0, {std::vector<std::uint32_t>{8}, std::vector<el_key>(1)}, pipeline.columns)) ==
          "row 0 of 9 tokens from plan");
}

TEST_CASE("objective: ids and columns that are not whole are caught") {
    CHECK(apply("none"));
    CHECK(caught(apply("large id")) == "id 16 from apply");
    CHECK(caught(apply("one id less")) == "8 bytes of ids from apply");
    CHECK(caught(apply("one label less")) == "16 bytes of column 'labels' from apply");
    CHECK(caught(apply("one row more")) == "3 bytes of column 'is_odd' from apply");
}

TEST_CASE("segment and objective: facts that cannot be are refused") {
    Pipeline pipeline;
    const auto facts = [&](const std::string& lie) {
        return thrown([&] { SegmentStage segment(make(EL_KIND_SEGMENT, lie, pipeline.services)); }).found;
    };
    CHECK(facts("no fields") == "1 fields from facts");
    CHECK(facts("no length") == "a max_length, segment_ids or window_rows of 0 from facts");
    CHECK(facts("many segments") == "65537 segment_ids from facts");
    CHECK(thrown([&] { SegmentStage segment(make(EL_KIND_OBJECTIVE, "none", pipeline.services)); }).found == "a stage of kind objective");
}

TEST_CASE("position: forms, widths and ids are checked") {
    Services services;
    const auto facts = [&](const std::string& lie) {
        return thrown([&] { PositionStage position(make(EL_KIND_POSITION, lie, services)); }).found;
    };
    CHECK(facts("another form") == "form 77 from facts");
    CHECK(facts("no positions") == "no positions from facts");
    PositionStage position(make(EL_KIND_POSITION, "none", services));
    CHECK(position.set_width(3).status == EL_BAD_CONFIG);
    CHECK(position.set_width(4));
    std::vector<float> out(8, 1.0F);
    CHECK(position.encode(std::vector<std::int64_t>{0, 7}, out));
    CHECK(out == std::vector<float>(8));
    CHECK(position.encode(std::vector<std::int64_t>{0, -1}, out).problems.at(0).item == 1);
    CHECK(position.encode(std::vector<std::int64_t>{8, 0}, out).problems.at(0).error.found == "position 8");
    CHECK(position.encode(std::vector<std::int64_t>{0}, out).status == EL_INTERNAL);
}

TEST_CASE("table: a view that cannot be is refused") {
    Services services;
    const auto view = [&](const std::string& lie) {
        return thrown([&] { TableStage table(make(EL_KIND_TABLE, lie, services)); }).found;
    };
    CHECK(TableStage(make(EL_KIND_TABLE, "none", services)).view().rows == 2);
    CHECK(view("another dtype") == "dtype 4 from view");
    CHECK(view("no data") == "2 rows of 3 from view");
    CHECK(view("no rows") == "0 rows of 3 from view");
    CHECK(view("short stride") == "a stride of 11 bytes from view");
    CHECK(view("endless rows") == "4611686018427387904 rows that fit no memory from view");
}
