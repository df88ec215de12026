// The three engines: the same bytes, the same mistake, bounded slots, and every way to stop.
#include "story_work.h"
#include "support/catch.hpp"

#include <embedloom/engine/engine.h>

#include <functional>
#include <thread>

using namespace engine_test;
using namespace embedloom::engine;

namespace {

using Maker = std::unique_ptr<Engine> (*)(const Settings&, Work&);

struct Kind {
    std::string name;
    Maker make;
    std::uint32_t threads;
};

std::vector<Kind> all_kinds() {
    std::vector<Kind> kinds{{"serial", make_serial_engine, 1}};
    for (const std::uint32_t threads : {1u, 2u, 8u}) kinds.push_back({"threads", make_thread_engine, threads});
#ifndef __SANITIZE_THREAD__  // Debian's oneTBB is not built for it: what it told of would not be ours
    for (const std::uint32_t threads : {1u, 2u, 8u}) kinds.push_back({"graph", make_graph_engine, threads});
#endif
    return kinds;
}

/// Those that have threads of their own.
std::vector<Kind> threaded_kinds() {
    auto kinds = all_kinds();
    kinds.erase(kinds.begin());
    return kinds;
}

struct Bench {
    Story story;
    StoryCounts counts{story, true};
    Settings settings;

    Bench(Story told, std::uint32_t threads) : story(std::move(told)) {
        settings.shape = story.shape;
        settings.start = story.start;
        settings.threads = threads;
        settings.batch_slots = 2 + static_cast<std::uint32_t>(mixed(story.seed, 2, 2) % 3);
        settings.window_estimate_bytes = 100;
        settings.window_budget_bytes = 100 + mixed(story.seed, 3, 3) % 2000;
        settings.strip_bytes = 8 * (1 + mixed(story.seed, 4, 4) % 12);
        if (story.counts_known) settings.counts = &counts;
    }
};

/// Asks until the end, or until enough has come; gives each batch back at once.
Told listen(Engine& engine, const StoryWork& work, std::size_t most) {
    Told told;
    while (told.batches.size() < most) {
        const Next next = engine.next();
        if (const auto* batch = std::get_if<Batch>(&next)) {
            told.batches.push_back(work.seen(*batch->plan, batch->batch_slot));
            engine.give_back(batch->batch_slot);
        } else {
            const auto* end = std::get_if<End>(&next);
            told.ending = end ? end_text(end->rows_cut) : one_line(std::get<base::Error>(next));
            break;
        }
    }
    return told;
}

void check_kind(const Kind& kind, const Story& story, const Told& wanted) {
    INFO(kind.name << " with " << kind.threads << " threads, " << story.name());
    Bench bench(story, kind.threads);
    StoryWork work(bench.story, bench.settings, 4000);
    {
        const auto engine = kind.make(bench.settings, work);
        const Told told = listen(*engine, work, story.most_batches);
        REQUIRE(told.ending == wanted.ending);
        REQUIRE(told == wanted);
    }
    REQUIRE(work.broken() == "");
    REQUIRE(work.windows_out() == 0);
}

/// One lane, one row a window, never an end: what is needed where the stream does not matter.
Story plain_story() {
    Story story{.seed = 1};
    story.shape = {.windows = 50, .lanes = 1, .batch = 4, .epochs = std::nullopt};
    story.start = loom::start(story.shape);
    story.empty_percent = 0;
    story.most_rows = 3;
    return story;
}

/// Is busy for so long.
void pass_time(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
    }
}

base::Code code_of(const Next& next) {
    const auto* error = std::get_if<base::Error>(&next);
    REQUIRE(error != nullptr);
    return error->code;
}

}  // namespace

TEST_CASE("engine: serial, threads and graph give the same batches at 1, 2 and 8 threads", "[threads]") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const Story story = random_story(seed);
        const Told wanted = expected(story);
        for (const Kind& kind : all_kinds()) check_kind(kind, story, wanted);
    }
}

TEST_CASE("engine: a stream goes on from its last states, where a rank may have no row left", "[threads]") {
    int without_rows = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Story story = random_story(seed);
        story.counts_known = true;
        story.shape.tail = loom::Tail::short_batch;
        story.shape.world = static_cast<std::uint32_t>(std::min<std::uint64_t>(story.shape.batch, 4));
        story.shape.rank = 0;  // of few rows the last ranks have the first ones: see loom::share
        const Told whole = expected(story);
        for (std::size_t left = 0; left < std::min<std::size_t>(3, whole.batches.size()); ++left) {
            story.start = whole.batches[whole.batches.size() - 1 - left].after;
            const Told wanted = expected(story);
            without_rows += !wanted.batches.empty() && wanted.batches[0].values.empty();
            for (const Kind& kind : all_kinds()) check_kind(kind, story, wanted);
        }
    }
    CHECK(without_rows > 2);
}

TEST_CASE("engine: the first mistake is told, after every batch before it", "[threads]") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const Story story = with_mistakes(random_story(seed));
        const Told wanted = expected(story);
        for (const Kind& kind : all_kinds()) check_kind(kind, story, wanted);
    }
}

TEST_CASE("engine: the end and an error are told again at each further call", "[threads]") {
    for (const Kind& kind : all_kinds()) {
        INFO(kind.name);
        Story story = plain_story();
        story.shape.epochs = 1;
        Bench bench(story, kind.threads);
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        const Told told = listen(*engine, work, 1000);
        CHECK(listen(*engine, work, 1000).ending == told.ending);
        CHECK(engine->counters().batches_out == told.batches.size());
    }
}

TEST_CASE("engine: it goes without being drained, at any time", "[threads]") {
    for (std::uint64_t seed = 0; seed < 40; ++seed)
        for (const Kind& kind : all_kinds()) {
            INFO(kind.name << ", seed " << seed);
            Bench bench(random_story(seed), kind.threads);
            StoryWork work(bench.story, bench.settings, 4000);
            {
                const auto engine = kind.make(bench.settings, work);
                listen(*engine, work, seed % 5);
            }
            REQUIRE(work.broken() == "");
            REQUIRE(work.windows_out() == 0);
        }
}

TEST_CASE("engine: cancel from another thread ends next(), what came before it is whole and in order", "[threads]") {
    for (std::uint64_t seed = 0; seed < 12; ++seed)
        for (const Kind& kind : all_kinds()) {
            INFO(kind.name << ", seed " << seed);
            Bench bench(plain_story(), kind.threads);
            StoryWork work(bench.story, bench.settings, 2000);
            std::atomic<std::uint64_t> windows{0};
            const auto engine = kind.make(bench.settings, work);
            // From within a body: that is another thread, at a time that is random enough.
            work.on_window = [&](WindowId) {
                if (++windows == 1 + seed * 5) engine->cancel();
            };
            const Told told = listen(*engine, work, ~std::size_t{0});
            bench.story.most_batches = told.batches.size();
            CHECK(told.batches == expected(bench.story).batches);
            CHECK(code_of(engine->next()) == base::Code::interrupted);
        }
}

TEST_CASE("engine: a caller who holds every slot and asks for more is told so, and goes on after a give_back", "[threads]") {
    for (const Kind& kind : all_kinds()) {
        INFO(kind.name);
        Bench bench(plain_story(), kind.threads);
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        std::vector<std::uint32_t> held;
        for (std::uint32_t i = 0; i < bench.settings.batch_slots; ++i) held.push_back(std::get<Batch>(engine->next()).batch_slot);
        CHECK(code_of(engine->next()) == base::Code::usage);
        engine->give_back(held.back());
        CHECK(std::holds_alternative<Batch>(engine->next()));
        CHECK(code_of(engine->next()) == base::Code::usage);
    }
}

TEST_CASE("engine: a caller who holds every slot at the end is told the end", "[threads]") {
    for (const Kind& kind : all_kinds()) {
        INFO(kind.name);
        Bench bench(plain_story(), kind.threads);
        bench.settings.shape.steps = bench.settings.batch_slots;
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        for (std::uint32_t i = 0; i < bench.settings.batch_slots; ++i) CHECK(std::holds_alternative<Batch>(engine->next()));
        CHECK(std::holds_alternative<End>(engine->next()));
    }
}

TEST_CASE("engine: a slot that is not held cannot be given back", "[threads]") {
    for (const Kind& kind : all_kinds()) {
        Bench bench(plain_story(), kind.threads);
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        CHECK_THROWS_AS(engine->give_back(0), base::Failure);
        CHECK_THROWS_AS(engine->give_back(99), base::Failure);
        const auto batch = std::get<Batch>(engine->next());
        engine->give_back(batch.batch_slot);
        CHECK_THROWS_AS(engine->give_back(batch.batch_slot), base::Failure);
    }
}

TEST_CASE("engine: a slow caller finds all slots filled and no more made than they hold", "[threads]") {
    for (const Kind& kind : threaded_kinds()) {
        INFO(kind.name << " " << kind.threads);
        Bench bench(plain_story(), kind.threads);
        bench.settings.window_budget_bytes = 1000;
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        engine->give_back(std::get<Batch>(engine->next()).batch_slot);
        while (engine->counters().batches_ready < bench.settings.batch_slots) std::this_thread::yield();
        const Counters full = engine->counters();
        pass_time(std::chrono::milliseconds(5));
        const Counters later = engine->counters();
        CHECK(later.batches_ready == bench.settings.batch_slots);
        CHECK(later.strips_made == full.strips_made);
        CHECK(later.window_slots <= 10);  // budget / estimate
        CHECK(later.window_bytes_peak <= 1000 + 200 * std::uint64_t{kind.threads});
    }
}

namespace {

/// Work whose windows do not come back until they are let go.
class HangingWork final : public StoryWork {
  public:
    using StoryWork::StoryWork;
    WindowMade make_window(WindowId id, std::uint32_t slot, std::uint32_t worker) override {
        if (id.window == 7)
            while (!let_go) std::this_thread::yield();
        return StoryWork::make_window(id, slot, worker);
    }
    std::atomic<bool> let_go{false};
};

/// Work with a bug: an exception comes out of it.
class ThrowingWork final : public StoryWork {
  public:
    using StoryWork::StoryWork;
    std::optional<base::Error> make_strip(const StripTask& task) override {
        if (task.plan->step == 3) throw std::out_of_range("row 12");
        return StoryWork::make_strip(task);
    }
};

}  // namespace

TEST_CASE("engine: a stage that hangs is told as a stall that names what is being made", "[threads]") {
    for (const Kind& kind : threaded_kinds()) {
        INFO(kind.name << " " << kind.threads);
        Bench bench(plain_story(), kind.threads);
        bench.settings.stall_timeout = std::chrono::milliseconds(60);
        HangingWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        const Told told = listen(*engine, work, 1000);
        CHECK(told.ending.find("window 7 of epoch 0") != std::string::npos);
        CHECK(code_of(engine->next()) == base::Code::stalled);
        work.let_go = true;
    }
}

TEST_CASE("engine: a caller slower than the stall timeout is no stall", "[threads]") {
    for (const Kind& kind : threaded_kinds()) {
        Bench bench(plain_story(), kind.threads);
        bench.settings.stall_timeout = std::chrono::milliseconds(100);  // longer than a busy machine lets a thread wait
        StoryWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        for (int i = 0; i < 3; ++i) {
            const auto batch = std::get<Batch>(engine->next());
            pass_time(std::chrono::milliseconds(150));
            engine->give_back(batch.batch_slot);
        }
    }
}

TEST_CASE("engine: ready_within comes back in time, sees a stall over many calls, and gives the same batches", "[threads]") {
    for (const Kind& kind : threaded_kinds()) {
        INFO(kind.name << " " << kind.threads);
        Bench bench(plain_story(), kind.threads);
        bench.settings.stall_timeout = std::chrono::milliseconds(60);
        HangingWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        const auto ready = [&] {
            int looks = 1;
            while (!engine->ready_within(std::chrono::milliseconds(5))) ++looks;
            return looks;
        };
        std::uint64_t steps = 0;
        int looks = ready();
        for (Next next = engine->next(); std::holds_alternative<Batch>(next); next = engine->next()) {
            CHECK(std::get<Batch>(next).plan->step == steps++);
            engine->give_back(std::get<Batch>(next).batch_slot);
            looks = ready();
        }
        CHECK(looks >= 5);
        CHECK(code_of(engine->next()) == base::Code::stalled);
        CHECK(engine->ready_within(std::chrono::milliseconds(0)));
        work.let_go = true;
    }
}

TEST_CASE("engine: an exception out of a stage is an internal error in its place", "[threads]") {
    for (const Kind& kind : all_kinds()) {
        INFO(kind.name << " " << kind.threads);
        Bench bench(plain_story(), kind.threads);
        ThrowingWork work(bench.story, bench.settings, 0);
        const auto engine = kind.make(bench.settings, work);
        const Told told = listen(*engine, work, 1000);
        CHECK(told.batches.size() == 3);
        CHECK(told.ending.find("row 12") != std::string::npos);
        CHECK(code_of(engine->next()) == base::Code::internal);
    }
}

TEST_CASE("engine: settings that cannot be are refused by key", "[serial]") {
    const Bench good(plain_story(), 2);
    StoryWork work(good.story, good.settings, 0);
    const auto refusal = [&](const std::function<void(Settings&)>& spoil) {
        Settings settings = good.settings;
        spoil(settings);
        try {
            make_serial_engine(settings, work);
        } catch (const base::Failure& failure) {
            return failure.first().key_path;
        }
        return std::string();
    };
    CHECK(refusal([](Settings& s) { s.batch_slots = 1; }) == "run.memory");
    CHECK(refusal([](Settings& s) { s.window_budget_bytes = 99; }) == "run.memory");
    CHECK(refusal([](Settings& s) { s.window_estimate_bytes = 0; }) == "run.memory");
    CHECK(refusal([](Settings& s) { s.shape.world = 2; }) == "world_size");
    CHECK(refusal([](Settings& s) { s.start.cursors.clear(); }) == "state");
    CHECK(refusal([](Settings&) {}) == "");
}
