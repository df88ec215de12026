// Which plugins are found, which are taken, and what is said of the rest.
#include <embedloom/host/registry.h>

#include <embedloom/base/error.h>
#include <embedloom/host/position_stage.h>
#include <embedloom/host/table_stage.h>

#include <algorithm>
#include <future>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
using namespace embedloom::host;

namespace {

namespace fs = std::filesystem;

const fs::path built = EMBEDLOOM_PLUGIN_FOLDER;

/// The one error that looking for a stage ends with.
base::Error refusal(Registry& registry, el_kind kind, std::string_view name) {
    try {
        registry.find(kind, name);
    } catch (const base::Failure& failure) {
        return failure.first();
    }
    FAIL("'" << name << "' was not refused");
    return {};
}

}  // namespace

TEST_CASE("registry: lists the stages of a folder without loading them, and finds one by kind and name") {
    Registry registry({{built, "the test"}});
    const auto names = registry.names(EL_KIND_TABLE);
    CHECK(std::ranges::count(names, "random") == 1);
    const el_stage* stage = registry.find(EL_KIND_TABLE, "random");
    REQUIRE(stage);
    CHECK(plugin_name(*stage) == "table/random 1.0.0");
    CHECK(registry.find(EL_KIND_TABLE, "random") == stage);
    CHECK(registry.find(EL_KIND_TABLE, "randem") == nullptr);
    CHECK(registry.find(EL_KIND_SINK, "random") == nullptr);
    CHECK(registry.file_of(EL_KIND_TABLE, "random") == fs::canonical(built / "table_random.so"));
}

TEST_CASE("registry: threads with registries of their own may load the same file at the same time") {
    const support::TemporaryFolder mine;
    const fs::path file = mine / "table_random.so";
    fs::copy_file(built / "table_random.so", file);
    std::vector<std::future<const el_stage*>> stages;
    for (int i = 0; i < 8; ++i)
        stages.push_back(std::async(std::launch::async, [&] { return Registry({{mine.path(), "the test"}}).find(EL_KIND_TABLE, "random"); }));
    const el_stage* first = stages[0].get();
    for (std::size_t i = 1; i < stages.size(); ++i) CHECK(stages[i].get() == first);
}

TEST_CASE("registry: the first folder wins and the file that it hides is remembered") {
    const support::TemporaryFolder mine;
    fs::copy_file(built / "table_random.so", mine / "another_name.so");
    Registry registry({{mine.path(), "--plugin-path"}, {built, "beside the program"}});
    CHECK(registry.file_of(EL_KIND_TABLE, "random") == mine / "another_name.so");
    const auto hidden = std::ranges::find_if(registry.listings(), [](const Listing& listing) {
        return listing.stage.name == "random" && !listing.shadowed_by.empty();
    });
    REQUIRE(hidden != registry.listings().end());
    CHECK(hidden->file == fs::canonical(built / "table_random.so"));
    CHECK(hidden->shadowed_by == mine / "another_name.so");
}

TEST_CASE("registry: a link and its target are one file") {
    const support::TemporaryFolder mine;
    fs::create_symlink(built / "table_random.so", mine / "a.so");
    fs::create_symlink(built / "table_random.so", mine / "b.so");
    const Registry registry({{mine.path(), "the test"}});
    REQUIRE(registry.listings().size() == 1);
    CHECK(registry.listings()[0].file == fs::canonical(built / "table_random.so"));
}

TEST_CASE("registry: a folder that is missing is said, unless it may be") {
    const Registry registry({{"/nonexistent/one", "--plugin-path"}, {"/nonexistent/two", "the default", true}});
    REQUIRE(registry.broken().size() == 1);
    CHECK(registry.broken()[0].source == "/nonexistent/one");
    CHECK(registry.broken()[0].code == base::Code::config);
}

TEST_CASE("registry: a file that every user may write is refused, and no other file is taken in its place") {
    const support::TemporaryFolder mine;
    const fs::path file = mine / "mine.so";
    fs::copy_file(built / "table_random.so", file);
    fs::permissions(file, fs::perms::others_write, fs::perm_options::add);
    Registry registry({{mine.path(), "--plugin-path"}, {built, "beside the program"}});
    const base::Error error = refusal(registry, EL_KIND_TABLE, "random");
    CHECK(error.source == file.string());
    CHECK(error.hint == "chmod o-w " + file.string());
}

TEST_CASE("instance: a stage that is a parameter is made first and outlives its user") {
    Registry registry({{built, "the test"}});
    Services services;
    std::shared_ptr<Instance> table = Instance::make(
        {registry.find(EL_KIND_TABLE, "random"), "position.table", {std::int64_t{8}, std::int64_t{3}, std::int64_t{1}, 0.02}},
        services);
    const el_table_view view = TableStage(table).view();
    CHECK(view.rows == 8);
    std::shared_ptr<Instance> made =
        Instance::make({registry.find(EL_KIND_POSITION, "learned"), "position", {table}}, services);
    table.reset();
    const PositionStage position(made);
    CHECK(position.width() == 3);
    CHECK(position.max_positions() == 8);
    std::vector<float> out(6);
    CHECK(position.encode(std::vector<std::int64_t>{7, 0}, out));
    CHECK(out[3] == static_cast<const float*>(view.data)[0]);
    const Outcome outside = position.encode(std::vector<std::int64_t>{7, 8}, out);
    CHECK(outside.status == EL_BAD_DATA);
    CHECK(outside.problems.at(0).item == 1);
    CHECK(outside.problems.at(0).error.found == "position 8");
}

TEST_CASE("instance: every value that is wrong is refused at once, by the name of its parameter") {
    Registry registry({{built, "the test"}});
    Services services;
    try {
        Instance::make({registry.find(EL_KIND_TABLE, "random"), "embedding.token", {std::int64_t{0}, std::string("x"), true, {}}},
                       services);
        FAIL("made from wrong values");
    } catch (const base::Failure& failure) {
        REQUIRE(failure.errors().size() == 4);
        CHECK(base::one_line(failure.errors()[0]) ==
              "embedding.token.rows: table/random 1.0.0: found 0, expected an integer from 1 to 16777216");
        CHECK(failure.errors()[1].key_path == "embedding.token.width");
        CHECK(failure.errors()[2].key_path == "embedding.token.seed");
        CHECK(failure.errors()[3].key_path == "embedding.token.deviation");
    }
}
