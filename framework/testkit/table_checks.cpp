// What tables and positional encodings must keep.
#include <embedloom/host/position_stage.h>
#include <embedloom/host/table_stage.h>
#include <embedloom/testkit/checks.h>

#include <cmath>
#include <cstring>

namespace embedloom::testkit {

namespace {

using host::PositionStage;
using host::StageName;
using host::TableStage;

/// A position stage with a width, its own or 8.
void set_width(PositionStage& position) {
    if (position.form() != EL_POSITION_VECTORS) throw NotConcerned("it makes no vectors");
    if (position.width() == 0) expect(position.set_width(8), "a width of 8");
}

std::vector<std::int64_t> some_ids(const PositionStage& position) {
    std::vector<std::int64_t> ids;
    const std::uint64_t most = std::min<std::uint64_t>(position.max_positions(), 600);
    for (std::uint64_t id = 0; id < most; ++id) ids.push_back(static_cast<std::int64_t>((id * 7) % most));
    return ids;
}

std::vector<float> vectors(const PositionStage& position, std::span<const std::int64_t> ids) {
    std::vector<float> out(ids.size() * position.width(), std::nanf(""));
    expect(position.encode(ids, out), "encode");
    return out;
}

void check_alone(Workshop& workshop, const StageName& name) {
    PositionStage position(workshop.make(name));
    set_width(position);
    const auto ids = some_ids(position);
    const auto all = vectors(position, ids);
    for (const float value : all) expect(std::isfinite(value), "a value that is not finite, or not written");
    for (std::size_t i = 0; i < ids.size(); i += 1 + i / 8)
        expect(std::memcmp(vectors(position, std::span(ids).subspan(i, 1)).data(), all.data() + i * position.width(),
                           position.width() * sizeof(float)) == 0,
               "position " + std::to_string(ids[i]) + " has another vector alone");
    expect(vectors(position, {}).empty(), "vectors of no positions");
}

void check_position_threads(Workshop& workshop, const StageName& name) {
    PositionStage position(workshop.make(name));
    set_width(position);
    const auto ids = some_ids(position);
    expect_same_in_threads(workshop, [&](std::uint32_t) {
        const auto out = vectors(position, ids);
        return Contents{{reinterpret_cast<const char*>(out.data()), out.size() * sizeof(float)}};
    });
}

std::string bytes_of(const el_table_view& view) {
    const std::uint64_t row_bytes = view.width * (view.dtype == EL_F32 ? 4u : 2u);
    std::string bytes;
    for (std::uint64_t row = 0; row < view.rows; ++row)
        bytes.append(static_cast<const char*>(view.data) + row * view.stride, row_bytes);
    return bytes;
}

void check_view(Workshop& workshop, const StageName& name) {
    const TableStage first(workshop.make(name)), second(workshop.make(name));
    const std::string bytes = bytes_of(first.view());
    expect(bytes == bytes_of(second.view()), "another table from the same settings");
    const host::Outcome outcome = first.finite();
    expect(outcome.status == EL_OK || outcome.status == EL_BAD_DATA, "finite: status " + std::to_string(outcome.status));
    expect(bytes == bytes_of(first.view()), "the table changed");
}

}  // namespace

Checks position_checks(const StageName& name) {
    return {{"a position has the same vector alone and among others", [=](Workshop& workshop) { check_alone(workshop, name); }},
            {"gives the same in all threads at once", [=](Workshop& workshop) { check_position_threads(workshop, name); }}};
}

Checks table_checks(const StageName& name) {
    return {{"shows the same rows twice, each to its last byte", [=](Workshop& workshop) { check_view(workshop, name); }}};
}

}  // namespace embedloom::testkit
