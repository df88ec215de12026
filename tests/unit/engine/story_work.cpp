// Work that checks its engine.
#include "story_work.h"

namespace engine_test {

StoryWork::StoryWork(const Story& story, const engine::Settings& settings, std::uint32_t spin)
    : story_(story), spin_(spin), batches_(settings.batch_slots), workers_(settings.threads) {}

engine::WindowMade StoryWork::make_window(WindowId id, std::uint32_t slot, std::uint32_t worker) {
    enter(worker);
    if (on_window) on_window(id);
    Window& at = window(slot);
    note(!at.made, "a window is made into a slot that holds none");
    spin(mixed(story_.seed, id.epoch, id.window + 77));
    ++windows_out_;
    at = {.id = id, .rows = story_.rows(id), .value = row_value({id.epoch, id.window, 0}), .made = true};
    leave(worker);
    if (story_.failing_windows.contains(id)) return {.rows = 0, .bytes = story_.bytes(id), .error = window_error(id)};
    return {.rows = at.rows, .bytes = story_.bytes(id), .error = std::nullopt};
}

void StoryWork::recycle_window(std::uint32_t slot) {
    note(!serial_.exchange(true), "recycling is serial");
    Window& at = window(slot);
    note(at.made, "a slot is recycled once for each window that was made into it");
    at.made = false;
    --windows_out_;
    serial_ = false;
}

engine::BatchOpened StoryWork::open_batch(const engine::StepPlan& plan, std::uint32_t slot) {
    note(!serial_.exchange(true), "opening is serial");
    batches_[slot].assign(plan.rows.size(), 0);
    serial_ = false;
    if (story_.failing_opens.contains(plan.step)) return {.bytes_per_row = 0, .error = open_error(plan.step)};
    return {.bytes_per_row = bytes_per_row, .error = std::nullopt};
}

std::optional<base::Error> StoryWork::make_strip(const engine::StripTask& task) {
    enter(task.worker);
    spin(mixed(story_.seed, task.plan->step, task.first_row));
    std::optional<base::Error> error;
    for (std::uint32_t row = task.first_row; row < task.first_row + task.row_count && !error; ++row) {
        const engine::RowPlace& place = task.plan->rows[row];
        const Window& from = window(place.window_slot);
        note(from.made && from.id == WindowId{place.place.epoch, place.place.window} && place.row < from.rows,
             "a row's window is in its slot while the row is taken");
        if (story_.failing_rows.contains({task.plan->step, row})) error = row_error(task.plan->step, row);
        batches_[task.batch_slot][row] += from.value + place.row;  // added: a row made twice is a wrong row
    }
    leave(task.worker);
    return error;
}

Seen StoryWork::seen(const engine::StepPlan& plan, std::uint32_t slot) const {
    return {.step = plan.step, .values = batches_[slot], .repeats = plan.repeats, .after = plan.after};
}

std::string StoryWork::broken() const {
    const std::lock_guard lock(mutex_);
    return broken_;
}

void StoryWork::note(bool holds, const std::string& rule) {
    if (holds) return;
    const std::lock_guard lock(mutex_);
    if (broken_.empty()) broken_ = rule;
}

void StoryWork::spin(std::uint64_t draw) const {
    if (spin_ == 0 || draw % 3 == 0) return;
    std::atomic<std::uint32_t> turns{0};
    while (turns.fetch_add(1, std::memory_order_relaxed) < draw % spin_) {
    }
}

void StoryWork::enter(std::uint32_t worker) {
    note(worker < workers_.size() && !workers_[worker].exchange(true), "no two bodies run under one worker number");
}

void StoryWork::leave(std::uint32_t worker) { workers_[worker] = false; }

StoryWork::Window& StoryWork::window(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    while (windows_.size() <= slot) windows_.emplace_back();
    return windows_[slot];
}

}  // namespace engine_test
