// What a child of fork() finds: its parent's threads are not there, and it must be told so, not hang.
#include "story_work.h"
#include "support/catch.hpp"

#include <embedloom/engine/engine.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace engine_test;
using namespace embedloom::engine;

#ifndef __SANITIZE_THREAD__  // TSan itself ends a child that is forked from many threads

namespace {

struct Ready {
    Story story{.seed = 3};
    Settings settings;

    Ready() {
        story.shape = {.windows = 20, .lanes = 1, .batch = 2, .epochs = std::nullopt};
        story.empty_percent = 0;
        settings.shape = story.shape;
        settings.start = loom::start(story.shape);
        settings.threads = 2;
        settings.batch_slots = 2;
        settings.window_budget_bytes = 1000;
        settings.window_estimate_bytes = 100;
    }
};

/// The exit status of a child that runs `body`; 99 where it hung and was ended by its own alarm.
template <typename Body>
int status_of_child(Body&& body) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(body());
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

}  // namespace

TEST_CASE("engine: a child forked after the threads have started is refused with advice, and ends cleanly", "[threads]") {
    for (const auto make : {make_thread_engine, make_graph_engine}) {
        Ready ready;
        StoryWork work(ready.story, ready.settings, 0);
        auto engine = make(ready.settings, work);
        const auto batch = std::get<Batch>(engine->next());
        const int status = status_of_child([&] {
            const Next next = engine->next();
            engine->give_back(batch.batch_slot);
            engine->cancel();
            engine.reset();
            const auto* error = std::get_if<base::Error>(&next);
            return error != nullptr && error->hint.find("spawn") != std::string::npos ? static_cast<int>(error->code) : 1;
        });
        CHECK(status == static_cast<int>(base::Code::usage));
        engine->give_back(batch.batch_slot);
        CHECK(std::holds_alternative<Batch>(engine->next()));
    }
}

TEST_CASE("engine: what is made before fork() and first used in the child works there", "[threads]") {
    for (const auto make : {make_serial_engine, make_thread_engine}) {
        Ready ready;
        StoryWork work(ready.story, ready.settings, 0);
        auto engine = make(ready.settings, work);
        const int status = status_of_child([&] {
            for (int i = 0; i < 10; ++i) {
                const Next next = engine->next();
                const auto* batch = std::get_if<Batch>(&next);
                if (batch == nullptr) return 1;
                engine->give_back(batch->batch_slot);
            }
            engine.reset();
            return 0;
        });
        CHECK(status == 0);
    }
}

TEST_CASE("engine: a graph in a child whose parent has run one is refused: oneTBB would hang there", "[threads]") {
    Ready ready;
    StoryWork work(ready.story, ready.settings, 0);
    CHECK(std::holds_alternative<Batch>(make_graph_engine(ready.settings, work)->next()));
    const int status = status_of_child([&] {
        const Next next = make_graph_engine(ready.settings, work)->next();
        const auto* error = std::get_if<base::Error>(&next);
        return error != nullptr ? static_cast<int>(error->code) : 1;
    });
    CHECK(status == static_cast<int>(base::Code::usage));
}

#endif
