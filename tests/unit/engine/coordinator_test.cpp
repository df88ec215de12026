// The coordinator alone, driven by a scheduler that takes and ends jobs in any order.
#include "story_work.h"
#include "support/catch.hpp"

#include <embedloom/engine/coordinator.h>
#include <embedloom/engine/in_order.h>

#include <random>
#include <variant>

using namespace engine_test;
using namespace embedloom::engine;

namespace {

/// Threads without threads: jobs that are taken stay running until it pleases the generator to end one.
class Scheduler {
  public:
    Scheduler(const Story& story, const Settings& settings, std::uint64_t seed)
        : story_(story), settings_(settings), work_(story, settings, 0), coordinator_(settings), random_(seed) {}

    Told run() {
        while (told_.ending.empty() && told_.batches.size() < story_.most_batches && trouble_.empty()) turn();
        coordinator_.cancel();
        finish_running();
        while (!held_.empty()) give_back();
        if (!coordinator_.is_idle()) complain("a slot is not home after a cancel: " + coordinator_.unfinished());
        if (work_.windows_out() != 0) complain("a window was not recycled");
        if (trouble_.empty()) trouble_ = work_.broken();
        return told_;
    }

    const std::string& trouble() const { return trouble_; }
    std::uint64_t overdraws() const { return coordinator_.counters().overdraws; }

  private:
    using Job = std::variant<WindowJob, StripTask>;

    void turn() {
        bool moved = false;
        switch (random_() % 4) {
            case 0: moved = take_serial(); break;
            case 1: moved = take_job(); break;
            case 2: moved = end_one(); break;
            default: moved = ask(); break;
        }
        if (!moved) moved = take_serial() || take_job() || end_one() || ask();
        if (!moved && !held_.empty()) {
            if (held_.size() == settings_.batch_slots && !coordinator_.waits_for_caller())
                complain("the caller holds every slot, and the engine does not know it");
            give_back();
        } else if (!moved) {
            complain("nothing can move: " + coordinator_.unfinished());
        }
    }

    bool take_serial() {
        if (const auto slot = coordinator_.take_recycle()) {
            work_.recycle_window(*slot);
            coordinator_.recycled(*slot);
            return true;
        }
        const auto open = coordinator_.take_open();
        if (open) coordinator_.opened(open->batch_slot, work_.open_batch(*open->plan, open->batch_slot));
        return open.has_value();
    }

    bool take_job() {
        if (running_.size() >= settings_.threads) return false;
        if (const auto strip = coordinator_.take_strip()) {
            running_.push_back(*strip);
            return true;
        }
        const std::uint64_t overdraws = coordinator_.counters().overdraws;
        const auto window = coordinator_.take_window();
        if (!window) return false;
        check_grant(*window, coordinator_.counters().overdraws > overdraws);
        running_.push_back(*window);
        return true;
    }

    void check_grant(const WindowJob& window, bool overdrawn) {
        if (!granted_.insert(window.id).second) complain("a window is granted twice");
        if (overdrawn && overdrawn_) complain("two windows overdraw at the same time");
        if (overdrawn) overdrawn_ = window.id;
        const Counters counters = coordinator_.counters();
        if (!overdrawn && counters.window_bytes > settings_.window_budget_bytes) complain("the budget is overdrawn by a guess");
        const std::uint64_t fitting = settings_.window_budget_bytes / settings_.window_estimate_bytes;
        if (counters.overdraws == 0 && window.slot >= fitting) complain("a slot's number grows without an overdraw");
    }

    bool end_one() {
        if (running_.empty()) return false;
        const std::size_t at = random_() % running_.size();
        const Job job = running_[at];
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
        if (const auto* strip = std::get_if<StripTask>(&job)) {
            std::optional<base::Error> error;
            const bool has_begun = random_() % 2 == 0;  // before the mistake that makes it unwanted
            if (has_begun || coordinator_.is_wanted(*strip)) error = work_.make_strip(*strip);
            coordinator_.strip_made(*strip, std::move(error));
        } else {
            const auto& window = std::get<WindowJob>(job);
            if (overdrawn_ == window.id) overdrawn_.reset();
            coordinator_.window_made(window.slot, work_.make_window(window.id, window.slot, 0));
        }
        return true;
    }

    bool ask() {
        while (const auto finished = coordinator_.take_finished()) in_order_.put(*finished);
        if (held_.size() > random_() % settings_.batch_slots) give_back();
        const auto finished = in_order_.take();
        if (!finished) return false;
        const Next next = coordinator_.hand_out(*finished);
        if (const auto* batch = std::get_if<Batch>(&next)) {
            told_.batches.push_back(work_.seen(*batch->plan, batch->batch_slot));
            held_.push_back(batch->batch_slot);
        } else if (const auto* end = std::get_if<End>(&next)) {
            told_.ending = end_text(end->rows_cut);
        } else {
            told_.ending = one_line(std::get<base::Error>(next));
        }
        return true;
    }

    void give_back() {
        coordinator_.given_back(held_.front());
        held_.erase(held_.begin());
    }

    void finish_running() {
        while (end_one() || take_serial() || take_job()) {
        }
    }

    void complain(const std::string& trouble) {
        if (trouble_.empty()) trouble_ = trouble;
    }

    const Story& story_;
    const Settings settings_;
    StoryWork work_;
    Coordinator coordinator_;
    InOrder in_order_;
    std::mt19937_64 random_;
    std::vector<Job> running_;
    std::vector<std::uint32_t> held_;
    std::set<WindowId> granted_;
    std::optional<WindowId> overdrawn_;
    Told told_;
    std::string trouble_;
};

Settings settings_of(const Story& story, const StoryCounts& counts) {
    Settings settings;
    settings.shape = story.shape;
    settings.start = story.start;
    settings.threads = 1 + static_cast<std::uint32_t>(mixed(story.seed, 1, 1) % 5);
    settings.batch_slots = 2 + static_cast<std::uint32_t>(mixed(story.seed, 2, 2) % 3);
    settings.window_estimate_bytes = 100;
    settings.window_budget_bytes = 100 + mixed(story.seed, 3, 3) % 2000;
    settings.strip_bytes = 8 * (1 + mixed(story.seed, 4, 4) % 12);
    if (story.counts_known) settings.counts = &counts;
    return settings;
}

/// Three schedules of one story all tell what is expected.
void check_story(const Story& story, std::uint64_t& overdraws) {
    const Told wanted = expected(story);
    const StoryCounts counts(story, true);
    for (std::uint64_t schedule = 0; schedule < 3; ++schedule) {
        Scheduler scheduler(story, settings_of(story, counts), story.seed * 3 + schedule);
        const Told told = scheduler.run();
        overdraws += scheduler.overdraws();
        INFO(story.name() << ", schedule " << schedule);
        REQUIRE(scheduler.trouble() == "");
        REQUIRE(told.ending == wanted.ending);
        REQUIRE(told == wanted);
    }
}

}  // namespace

TEST_CASE("coordinator: any order of jobs gives the same steps, within the budget but for single overdraws", "[serial]") {
    std::uint64_t overdraws = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) check_story(random_story(seed), overdraws);
    CHECK(overdraws > 0);  // else the budget was never short
}

TEST_CASE("coordinator: of many mistakes the first in the stream's order is told, whichever comes first", "[serial]") {
    std::uint64_t overdraws = 0;
    for (std::uint64_t seed = 0; seed < 600; ++seed) check_story(with_mistakes(random_story(seed)), overdraws);
}

TEST_CASE("coordinator: what the first rank reads of a dropped tail fails in the stream's order too", "[serial]") {
    std::uint64_t overdraws = 0;
    for (std::uint64_t seed = 0; seed < 600; ++seed) check_story(with_bad_tail(random_story(seed)), overdraws);
}

TEST_CASE("coordinator: a state that was handed out goes on with the next batch", "[serial]") {
    std::uint64_t overdraws = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) check_story(resumed(random_story(seed)), overdraws);
}

TEST_CASE("coordinator: a window goes with its last row, so that a long stream needs no more than a few", "[serial]") {
    Story story{.seed = 9, .most_rows = 4, .empty_percent = 10, .most_batches = 500};
    story.shape = {.windows = 100, .lanes = 2, .batch = 8, .epochs = std::nullopt};
    story.start = loom::start(story.shape);
    const StoryCounts counts(story, true);
    Settings settings = settings_of(story, counts);
    settings.window_budget_bytes = 40 * settings.window_estimate_bytes;
    Scheduler scheduler(story, settings, 9);
    CHECK(scheduler.run().batches.size() == 500);
    CHECK(scheduler.trouble() == "");
    CHECK(scheduler.overdraws() == 0);
}
