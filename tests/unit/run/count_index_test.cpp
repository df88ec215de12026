// Each item is counted once, before the run or when the run comes to its epoch.
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
    CountIndex index({.items = 100, .threads = 3}, [&](std::uint64_t epoch, std::uint64_t item, std::uint32_t worker) {
        ++calls;
        wrong_workers += prepares ? worker >= 3 : worker != 3;
        return epoch * 1000 + item;
    });
    index.prepare(4);
    CHECK(calls == 100);
    prepares = false;
    for (std::uint64_t item = 0; item < 100; ++item) {
        CHECK(index.numbers(4)->at(item) == 4000 + item);
        CHECK(index.numbers(5)->at(item) == 5000 + item);
    }
    index.prepare(5);
    CHECK(calls == 200);
    CHECK(wrong_workers == 0);
}

TEST_CASE("count index: where all epochs are alike one count does for them") {
    std::uint64_t calls = 0;
    CountIndex index({.items = 10, .threads = 1, .is_same_each_epoch = true},
                     [&](std::uint64_t, std::uint64_t item, std::uint32_t) { return ++calls, item; });
    CHECK(index.numbers(0)->at(9) == 9);
    CHECK(index.numbers(77)->at(3) == 3);
    CHECK(calls == 10);
}

TEST_CASE("count index: an epoch before those that are kept is counted again, once") {
    std::uint64_t calls = 0;
    CountIndex index({.items = 10, .threads = 1}, [&](std::uint64_t epoch, std::uint64_t item, std::uint32_t) {
        ++calls;
        return epoch * 100 + item;
    });
    for (const std::uint64_t epoch : {5, 6, 7, 8}) CHECK(index.numbers(epoch)->at(3) == epoch * 100 + 3);
    for (std::uint64_t item = 0; item < 10; ++item) CHECK(index.numbers(0)->at(item) == item);
    CHECK(calls == 50);
}

TEST_CASE("count index: what counting throws reaches the caller, from any thread") {
    CountIndex index({.items = 10, .threads = 2}, [](std::uint64_t, std::uint64_t item, std::uint32_t) -> std::uint32_t {
        if (item == 7) throw std::runtime_error("seven");
        return 1;
    });
    CHECK_THROWS_AS(index.prepare(0), std::runtime_error);
    CHECK_THROWS_AS(index.numbers(0)->at(0), std::runtime_error);
}

TEST_CASE("count index: what one has counted another reads from its file") {
    const support::TemporaryFolder folder;
    const std::string path = (folder / "counts").string();
    std::atomic<std::uint64_t> calls{0};
    const auto count = [&](std::uint64_t epoch, std::uint64_t item, std::uint32_t) { return ++calls, epoch + item % 10; };
    const CountIndex::Settings settings{.items = 100, .threads = 2, .path = path};
    const auto counted_anew = [&] {
        calls = 0;
        CountIndex index(settings, count);
        index.prepare(0);
        for (std::uint64_t item = 0; item < 100; ++item) {
            CHECK(index.numbers(0)->at(item) == item % 10);
            CHECK(index.numbers(1)->at(item) == 1 + item % 10);
        }
        return calls.load();
    };
    CHECK(counted_anew() == 200);
    CHECK(counted_anew() == 0);
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
    CHECK(counted_anew() == 0);
}

TEST_CASE("count index: of those that want the same counts at the same time one counts, and the others wait for its file") {
    const support::TemporaryFolder folder;
    std::atomic<std::uint64_t> calls{0};
    const auto rank = [&] {
        CountIndex index({.items = 100, .threads = 1, .path = (folder / "counts").string()},
                         [&](std::uint64_t, std::uint64_t item, std::uint32_t) { return ++calls, item + 1; });
        index.prepare(0);
        return index.numbers(0)->at(99);
    };
    std::vector<std::future<std::uint32_t>> ranks;
    for (int i = 0; i < 8; ++i) ranks.push_back(std::async(std::launch::async, rank));
    for (auto& each : ranks) CHECK(each.get() == 100);
    CHECK(calls == 100);
}

TEST_CASE("count index: waiting for another that counts can be stopped, and that one may fail") {
    const support::TemporaryFolder folder;
    const std::string path = (folder / "counts").string();
    std::promise<void> has_begun, may_fail;
    const auto failing = std::async(std::launch::async, [&] {
        CountIndex index({.items = 1, .threads = 1, .path = path}, [&](std::uint64_t, std::uint64_t, std::uint32_t) -> std::uint32_t {
            has_begun.set_value();
            may_fail.get_future().wait();
            throw std::runtime_error("no");
        });
        CHECK_THROWS_AS(index.prepare(0), std::runtime_error);
    });
    has_begun.get_future().wait();
    const auto count = [](std::uint64_t, std::uint64_t, std::uint32_t) -> std::uint32_t { return 3; };
    std::atomic<int> asked{0};
    CountIndex stopped({.items = 1, .threads = 1, .path = path, .is_cancelled = [&] { return ++asked == 2; }}, count);
    try {
        stopped.prepare(0);
        FAIL("counted what another one counts");
    } catch (const base::Failure& failure) {
        CHECK(failure.first().code == base::Code::interrupted);
    }
    may_fail.set_value();
    CountIndex next({.items = 1, .threads = 1, .path = path}, count);
    CHECK(next.numbers(0)->at(0) == 3);
}

TEST_CASE("count index: without a folder for its file it counts, and says so") {
    std::string said;
    CountIndex index({.items = 3, .threads = 1, .path = "/nowhere/counts", .log = [&](const std::string& text) { said += text; }},
                     [](std::uint64_t, std::uint64_t item, std::uint32_t) { return item; });
    index.prepare(7);
    CHECK(index.numbers(7)->at(2) == 2);
    CHECK(said.find("/nowhere/counts-7") != std::string::npos);
}
