// The cache: entries are whole, one process at a time makes one, and bad keys touch nothing.
#include <embedloom/host/cache.h>

#include <embedloom/base/error.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

using namespace embedloom;
using embedloom::host::CacheClaims;

namespace {

bool never() { return false; }

void put(CacheClaims& cache, std::string_view key, std::string_view content) {
    std::ofstream(std::string(cache.begin(key))) << content;
    cache.end(key, true);
}

}  // namespace

TEST_CASE("cache: an entry is there once it is kept, for everybody") {
    const support::TemporaryFolder folder;
    CacheClaims cache(folder / "made/when/needed", never);
    CHECK(cache.find("a").empty());
    const std::string path(cache.begin("a"));
    std::ofstream(path) << "content";
    CacheClaims nobody(folder.path(), never);
    CHECK_FALSE(std::filesystem::exists(folder / "made/when/needed/a"));
    cache.end("a", true);
    CHECK(cache.find("a") == (folder / "made/when/needed/a").string());
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(CacheClaims(folder / "made/when/needed", never).find("a") == cache.find("a"));
}

TEST_CASE("cache: what is not kept, or not ended, leaves no entry") {
    const support::TemporaryFolder folder;
    CacheClaims cache(folder.path(), never);
    std::ofstream(std::string(cache.begin("a"))) << "half";
    cache.end("a", false);
    CHECK(cache.find("a").empty());
    const std::string path(cache.begin("b"));
    std::ofstream(path) << "half";
    cache.end_of_call();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(cache.find("b").empty());
    CHECK_THROWS_AS(cache.end("b", true), base::Failure);
}

TEST_CASE("cache: who misses a key makes it while others wait for it") {
    const support::TemporaryFolder folder;
    std::atomic<int> made{0};
    const auto work = [&] {
        CacheClaims cache(folder.path(), never);
        if (!cache.find("key").empty()) return;
        ++made;
        put(cache, "key", "content");
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
    for (std::thread& thread : threads) thread.join();
    CHECK(made == 1);
}

TEST_CASE("cache: waiting ends when the run is stopped") {
    const support::TemporaryFolder folder;
    CacheClaims first(folder.path(), never);
    CHECK(first.find("key").empty());
    CacheClaims second(folder.path(), [] { return true; });
    try {
        second.find("key");
        FAIL("did not wait");
    } catch (const base::Failure& failure) {
        CHECK(failure.first().code == base::Code::interrupted);
    }
    first.end_of_call();
    CHECK(second.find("key").empty());
}

TEST_CASE("cache: a key cannot leave the folder or hide in it") {
    const support::TemporaryFolder folder;
    CacheClaims cache(folder.path(), never);
    for (const std::string& key : {std::string("../a"), std::string("a/b"), std::string(".a"), std::string(), std::string("a\0b", 3),
                                  std::string(201, 'a')}) {
        CHECK_THROWS_AS(cache.find(key), base::Failure);
        CHECK_THROWS_AS(cache.begin(key), base::Failure);
    }
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("cache: without a folder nothing is found and nothing can be begun") {
    CacheClaims cache({}, never);
    CHECK(cache.find("a").empty());
    CHECK_THROWS_AS(cache.begin("a"), base::Failure);
}
