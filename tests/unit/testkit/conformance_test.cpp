// The conformance suite sees what is wrong with plugins that are wrong, each by the check that is there for it.
#include <embedloom/base/error.h>
#include <embedloom/testkit/conformance.h>

#include <algorithm>

#include "support/catch.hpp"

using namespace embedloom;
using namespace embedloom::testkit;
using Catch::Contains;

namespace {

const std::filesystem::path bad = EMBEDLOOM_BAD_PLUGIN_FOLDER;

std::vector<Result> results_of(const std::string& lie, const std::string& claim, int seconds = 60) {
    const Subject subject{bad / "liar_tokenizer.so", {}, {{"tokenizer/liar", {{"lie", lie}}}}};
    return check_plugin(subject, {.limit = std::chrono::seconds(seconds), .threads = 4, .only = claim});
}

/// Why the check with this claim failed.
std::string failure(const std::vector<Result>& results, std::string_view claim) {
    const auto found = std::ranges::find_if(results, [&](const Result& result) { return result.check.starts_with(claim); });
    REQUIRE(found != results.end());
    REQUIRE(found->verdict == Verdict::failed);
    return found->detail;
}

/// The same of a liar.
std::string failure(const char* lie, const std::string& claim, int seconds = 60) {
    return failure(results_of(lie, claim, seconds), claim);
}

}  // namespace

TEST_CASE("conformance: a plugin that keeps the contract passes every check") {
    for (const Result& result : results_of("none", "")) {
        INFO(result.check << ": " << result.detail);
        CHECK((result.verdict == Verdict::passed || result.verdict == Verdict::not_concerned));
    }
}

TEST_CASE("conformance: a plugin whose results are not of the text alone is found out") {
    CHECK_THAT(failure("guesses", "odd texts give"), Contains("differs"));
    CHECK_THAT(failure("looks at neighbours", "odd texts give"), Contains("differs"));
    CHECK_THAT(failure("looks at the limit", "a text that ends early"), Contains("text 1 with 0 wanted"));
    CHECK_THAT(failure("guesses", "gives the same in all threads"), Contains("got another result"));
}

TEST_CASE("conformance: a segment strategy of a row to a record that finds other records bad in each epoch is found out") {
    const auto results = [](const std::string& lie) {
        return check_plugin({bad / "liar_segment.so", {}, {{"segment/liar", {{"lie", lie}}}}}, {.threads = 4, .only = "finds the same"});
    };
    CHECK(results("none").at(0).verdict == Verdict::passed);
    CHECK_THAT(failure(results("bad by its key"), "finds the same"), Contains("other records are bad"));
}

TEST_CASE("conformance: a plugin that breaks a rule of the host is named with the rule") {
    CHECK_THAT(failure("large id", "odd texts give"), Contains("expected ids below 16"));
    CHECK_THAT(failure("throws", "odd texts give"), Contains("an exception that left the plugin"));
    CHECK_THAT(failure("loses a token", "every piece"), Contains("'c' of id 2 is not found"));
}

TEST_CASE("conformance: a plugin that prints, crashes, exits or hangs is a result, not an accident") {
    CHECK_THAT(failure("prints", "odd texts give"), Contains("hello from the plugin"));
    CHECK_THAT(failure("crashes", "odd texts give"), Contains("died of signal 6"));
    CHECK_THAT(failure("exits", "is made"), Contains("ended the process with exit code 0"));
    CHECK_THAT(failure("hangs", "any ids can be decoded", 1), Contains("was still running after 1 s"));
}

TEST_CASE("conformance: a plugin that changes the process around it is found out") {
    const std::string claim = "leaves locale";
    CHECK_THAT(failure("keeps a file open", claim), Contains("number of open files"));
    CHECK_THAT(failure("starts a thread", claim), Contains("number of threads"));
}

TEST_CASE("conformance: a file that is no plugin, or cannot be loaded, fails at once") {
    const auto stranger = check_plugin({bad / "elsewhere/dependency.so", {}, {}});
    REQUIRE(stranger.size() == 1);
    CHECK_THAT(failure(stranger, "says in its note"), Contains("without the note of a plugin"));
    const auto unloadable = check_plugin({bad / "undefined_symbol.so", {}, {}});
    REQUIRE(unloadable.size() == 2);
    CHECK_THAT(failure(unloadable, "can be loaded"), Contains("a_function_that_nobody_has"));
}

TEST_CASE("conformance: a required parameter without a setting skips its checks") {
    const auto results = check_plugin({bad / "mapper.so", {}, {}});
    CHECK(std::ranges::count_if(results, [](const Result& result) { return result.verdict == Verdict::skipped; }) > 3);
    CHECK(std::ranges::count_if(results, [](const Result& result) { return result.verdict == Verdict::failed; }) == 0);
}

TEST_CASE("settings: are read line by line, and a line that is none is refused with its number") {
    const Settings settings = read_settings("# a comment\ntable/npy  file=a.npy  x=y=z # more\n\n", "s.txt");
    CHECK(settings == Settings{{"table/npy", {{"file", "a.npy"}, {"x", "y=z"}}}});
    try {
        read_settings("\ntable/npy file\n", "s.txt");
        FAIL("read");
    } catch (const base::Failure& wrong) {
        CHECK(wrong.first().line == 2);
    }
}
