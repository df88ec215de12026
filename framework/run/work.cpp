// The engine's calls, passed on to the makers. What they throw the engine makes errors of.
#include <embedloom/run/work.h>

#include <algorithm>

namespace embedloom::run {

PipelineWork::PipelineWork(Parts parts) : parts_(parts), batches_(parts.batch_slots) {}

WindowRows& PipelineWork::window(std::uint32_t slot) {
    const std::lock_guard lock(mutex_);
    while (windows_.size() <= slot) windows_.emplace_back();
    return windows_[slot];
}

engine::WindowMade PipelineWork::make_window(engine::WindowId id, std::uint32_t window_slot, std::uint32_t worker) {
    WindowRows& rows = window(window_slot);
    const WindowResult result = parts_.windows->make({id.epoch, id.window, worker}, rows);
    if (result.error) return {.rows = 0, .bytes = rows.bytes(), .error = result.error};
    return {.rows = rows.row_count(), .bytes = rows.bytes(), .error = parts_.tally->made(std::move(rows), result.text_bytes)};
}

void PipelineWork::recycle_window(std::uint32_t window_slot) { window(window_slot).clear(); }

engine::BatchOpened PipelineWork::open_batch(const engine::StepPlan& plan, std::uint32_t batch_slot) {
    BatchSlot& slot = batches_[batch_slot];
    std::uint32_t longest = 0;
    for (const engine::RowPlace& place : plan.rows)
        longest = std::max(longest, window(place.window_slot).row_length(place.row));
    parts_.strips->open(slot, static_cast<std::uint32_t>(plan.rows.size()), longest);
    slot.view.step = plan.step;
    slot.view.repeats = plan.repeats;
    slot.view.slot = batch_slot;
    return {.bytes_per_row = std::max<std::uint64_t>(1, bytes_per_row(slot)), .error = std::nullopt};
}

std::optional<base::Error> PipelineWork::make_strip(const engine::StripTask& task) {
    std::vector<RowMove> moves;
    moves.reserve(task.row_count);
    for (std::uint32_t row = task.first_row; row < task.first_row + task.row_count; ++row) {
        const engine::RowPlace& place = task.plan->rows[row];
        moves.push_back({&window(place.window_slot), place.row, row});
    }
    parts_.strips->make(batches_[task.batch_slot], moves, task.worker);
    return std::nullopt;
}

}  // namespace embedloom::run
