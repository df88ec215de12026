// Each window is counted once, before the run or when the run comes to its epoch.
#include <embedloom/base/error.h>
#include <embedloom/run/count_index.h>

#include "support/catch.hpp"
#include "support/temporary_folder.h"

#include <atomic>
#include <future>
#include <stdexcept>
#include <vector>

using namespace embedloom;
using run::CountIndex;

TEST_CASE("count index: an epoch is counted once, by the workers it was given") {
    std::atomic<std::uint64_t> calls{0}, wrong_workers{0};
    bool prepares = true;
    CountIndex index({.windows = 100, .threads = 3}, [&](std::uint64_t epoch, std::uint64_t window, std::uint32_t worker) {
        ++calls;
        wrong_workers += prepares ? worker >= 3 : worker != 3;
        return epoch * 1000 + window;
    });
    index.prepare(4);
    CHECK(calls == 100);
    prepares = false;
    for (std::uint64_t window = 0; window < 100; ++window) {
        CHECK(index.rows(4, window) == 4000 + window);
        CHECK(index.rows(5, window) == 5000 + window);
    }
    index.prepare(5);
    CHECK(calls == 200);
    CHECK(wrong_workers == 0);
}

TEST_CASE("count index: where all epochs are alike one count does for them") {
    std::uint64_t calls = 0;
    CountIndex index({.windows = 10, .threads = 1, .is_same_each_epoch = true},
                     [&](std::uint64_t, std::uint64_t window, std::uint32_t) { return ++calls, window; });
    CHECK(index.rows(0, 9) == 9);
    CHECK(index.rows(77, 3) == 3);
    CHECK(calls == 10);
}

TEST_CASE("count index: an epoch before those that are kept is counted again, once") {
    std::uint64_t calls = 0;
    CountIndex index({.windows = 10, .threads = 1}, [&](std::uint64_t epoch, std::uint64_t window, std::uint32_t) {
        ++calls;
        return epoch * 100 + window;
    });
    for (const std::uint64_t epoch : {5, 6, 7, 8}) CHECK(index.rows(epoch, 3) == epoch * 100 + 3);
    for (std::uint64_t window = 0; window < 10; ++window) CHECK(index.rows(0, window) == window);
    CHECK(calls == 50);
}

TEST_CASE("count index: what counting throws reaches the caller, from any thread") {
    CountIndex index({.windows = 10, .threads = 2}, [](std::uint64_t, std::uint64_t window, std::uint32_t) -> std::uint64_t {
        if (window == 7) throw std::runtime_error("seven");
        return 1;
    });
    CHECK_THROWS_AS(index.prepare(0), std::runtime_error);
    CHECK_THROWS_AS(index.rows(0, 0), std::runtime_error);
}

TEST_CASE("count index: what one has counted another reads from its file, and counts those without a row anew") {
    const support::TemporaryFolder folder;
    const std::string path = (folder / "counts").string();
    std::atomic<std::uint64_t> calls{0};
    const auto count = [&](std::uint64_t epoch, std::uint64_t window, std::uint32_t) { return ++calls, epoch + window % 10; };
    const CountIndex::Settings settings{.windows = 100, .threads = 2, .path = path};
    const auto counted_anew = [&] {
        calls = 0;
        CountIndex index(settings, count);
        index.prepare(0);
        for (std::uint64_t window = 0; window < 100; ++window) {
            CHECK(index.rows(0, window) == window % 10);
            CHECK(index.rows(1, window) == 1 + window % 10);
        }
        return calls.load();
    };
    CHECK(counted_anew() == 200);
    CHECK(counted_anew() == 10);
    const std::string whole = support::read_file(path + "-0");
    CHECK(whole.size() == 464);
    for (std::size_t at = 0; at < whole.size(); at += 13) {
        std::string changed = whole;
        changed[at] ^= 1;
        folder.write("counts-0", changed);
        CHECK(counted_anew() == 100);
        folder.write("counts-0", whole.substr(0, at));
        CHECK(counted_anew() == 100);
    }
    CHECK(counted_anew() == 10);
}

TEST_CASE("count index: of those that want the same counts at the same time one counts, and the others wait for its file") {
    const support::TemporaryFolder folder;
    std::atomic<std::uint64_t> calls{0};
    const auto rank = [&] {
        CountIndex index({.windows = 100, .threads = 1, .path = (folder / "counts").string()},
                         [&](std::uint64_t, std::uint64_t window, std::uint32_t) { return ++calls, window + 1; });
        index.prepare(0);
        return *index.rows(0, 99);
    };
    std::vector<std::future<std::uint64_t>> ranks;
    for (int i = 0; i < 8; ++i) ranks.push_back(std::async(std::launch::async, rank));
    for (auto& each : ranks) CHECK(each.get() == 100);
    CHECK(calls == 100);
}

TEST_CASE("count index: waiting for another that counts can be stopped, and that one may fail") {
    const support::TemporaryFolder folder;
    const std::string path = (folder / "counts").string();
    std::promise<void> has_begun, may_fail;
    const auto failing = std::async(std::launch::async, [&] {
        CountIndex index({.windows = 1, .threads = 1, .path = path}, [&](std::uint64_t, std::uint64_t, std::uint32_t) -> std::uint64_t {
            has_begun.set_value();
            may_fail.get_future().wait();
            throw std::runtime_error("no");
        });
        CHECK_THROWS_AS(index.prepare(0), std::runtime_error);
    });
    has_begun.get_future().wait();
    const auto count = [](std::uint64_t, std::uint64_t, std::uint32_t) -> std::uint64_t { return 3; };
    std::atomic<int> asked{0};
    CountIndex stopped({.windows = 1, .threads = 1, .path = path, .is_cancelled = [&] { return ++asked == 2; }}, count);
    try {
        stopped.prepare(0);
        FAIL("counted what another one counts");
    } catch (const base::Failure& failure) {
        CHECK(failure.first().code == base::Code::interrupted);
    }
    may_fail.set_value();
    CountIndex next({.windows = 1, .threads = 1, .path = path}, count);
    CHECK(next.rows(0, 0) == 3);
}

TEST_CASE("count index: without a folder for its file it counts, and says so") {
    std::string said;
    CountIndex index({.windows = 3, .threads = 1, .path = "/nowhere/counts", .log = [&](const std::string& text) { said += text; }},
                     [](std::uint64_t, std::uint64_t window, std::uint32_t) { return window; });
    index.prepare(7);
    CHECK(index.rows(7, 2) == 2);
    CHECK(said.find("/nowhere/counts-7") != std::string::npos);
}
