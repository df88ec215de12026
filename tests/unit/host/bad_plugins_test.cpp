// Files that must not come into a run: each is refused when it is loaded, with its path and the reason.
#include <embedloom/host/registry.h>

#include <embedloom/host/stage.h>
#include <embedloom/host/table_stage.h>


#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
using namespace embedloom::host;
using Catch::Contains;

namespace {

namespace fs = std::filesystem;
const fs::path bad = EMBEDLOOM_BAD_PLUGIN_FOLDER;

std::vector<base::Error> refusals(Registry& registry, el_kind kind, std::string_view name) {
    try {
        registry.find(kind, name);
    } catch (const base::Failure& failure) {
        return failure.errors();
    }
    FAIL("'" << name << "' was not refused");
    return {};
}

base::Error refusal(std::string_view name) {
    Registry registry({{bad, "the test"}});
    const auto errors = refusals(registry, EL_KIND_TABLE, name);
    CHECK(errors[0].code == base::Code::config);
    CHECK(errors[0].source.starts_with(fs::canonical(bad).string()));
    return errors[0];
}

/// A copy of a good plugin with one text of it replaced.
fs::path patched(const support::TemporaryFolder& folder, std::string_view from, std::string_view to) {
    std::string bytes = support::read_file(EMBEDLOOM_PLUGIN_FOLDER "/table_random.so");
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    return folder.write("table_random.so", bytes.replace(at, to.size(), to));
}

base::Error refusal_of(const fs::path& file, std::string_view name) {
    Registry registry({{file.parent_path(), "the test"}});
    const base::Error error = refusals(registry, EL_KIND_TABLE, name)[0];
    CHECK(error.source == file.string());
    return error;
}

}  // namespace

TEST_CASE("bad plugin: a symbol that nobody has is said at load, by its name") {
    CHECK_THAT(refusal("undefined").cause, Contains("a_function_that_nobody_has"));
}

TEST_CASE("bad plugin: a library that is not there is said at load, by its name") {
    CHECK_THAT(refusal("missing").cause, Contains("dependency.so"));
}

TEST_CASE("bad plugin: a file with a note and no constant is refused") {
    CHECK(refusal("no_symbol").found == "no symbol embedloom_plugin");
}

TEST_CASE("bad plugin: all mistakes of a declaration are said at once") {
    Registry registry({{bad, "the test"}});
    std::string found;
    for (const base::Error& error : refusals(registry, EL_KIND_TABLE, "mistakes")) found += error.found + "\n";
    CHECK(found == "no summary\n"
                   "function 2 of the kind is null\n"
                   "parameter 'Upper'\n"
                   "parameter 'twice' twice\n"
                   "parameter 'no_choice' has no choices\n"
                   "parameter 'empty_range' has an empty range\n"
                   "parameter 'default_outside' has the default '3'\n"
                   "parameter 'default_text' has the default 'three'\n"
                   "parameter 'both' is required and has a default\n"
                   "parameter 'use'\n"
                   "parameter 'no_type' has type 99\n"
                   "column 'no_dtype' has no dtype\n"
                   "column 'no_axis' has no axis\n");
}

TEST_CASE("bad plugin: a file called like the stage is said when the stage is asked for") {
    const support::TemporaryFolder folder;
    CHECK(refusal_of(folder.write("table_mine.so", "no library"), "mine").found == "a file that is no ELF file");
    CHECK(refusal_of(folder.write("other.so", ""), "other").found == "an empty file");
    fs::copy_file(bad / "elsewhere/dependency.so", folder / "stranger.so");
    Registry registry({{folder.path(), "the test"}});
    CHECK(registry.broken().size() == 2);
    CHECK(refusals(registry, EL_KIND_TABLE, "stranger")[0].found == "a shared library without the note of a plugin");
}

TEST_CASE("bad plugin: a constant without the magic is refused") {
    const support::TemporaryFolder folder;
    CHECK_THAT(refusal_of(patched(folder, "EMBDLOOM", "EMBEDDED"), "random").found, Contains("does not begin with EMBDLOOM"));
}

TEST_CASE("bad plugin: a constant that is not what the note promised is refused") {
    const support::TemporaryFolder folder;
    const base::Error error = refusal_of(patched(folder, "table/random 1.0.0", "table/random 1.0.1"), "random");
    CHECK(error.found == "stage table/random 1.0.0");
    CHECK(error.expected == "table/random 1.0.1, as its note says");
}

TEST_CASE("bad plugin: a refused file is remembered with its reason, and refused again") {
    Registry registry({{bad, "the test"}});
    const std::size_t before = registry.broken().size();
    refusals(registry, EL_KIND_TABLE, "no_symbol");
    refusals(registry, EL_KIND_TABLE, "no_symbol");
    CHECK(registry.broken().size() == before + 1);
}

TEST_CASE("a plugin built with the other std::string works, for no such thing crosses the contract") {
    Registry registry({{bad, "the test"}});
    std::string logged;
    Services services{.log = [&](base::Severity, std::string_view line) { logged = line; }};
    const el_stage* stage = registry.find(EL_KIND_TABLE, "old_strings");
    REQUIRE(stage);
    const TableStage table(Instance::make({stage, "embedding.token", {std::string("please")}}, services));
    CHECK(table.view().width == 4);
    CHECK(logged == "embedding.token (table/old_strings 1.0.0): made with the word please");
    try {
        Instance::make({stage, "embedding.token", {std::string("now")}}, services);
        FAIL("made with a wrong word");
    } catch (const base::Failure& failure) {
        CHECK(base::one_line(failure.first()) ==
              "embedding.token.word: table/old_strings 1.0.0: found now, expected 'please'");
    }
}
