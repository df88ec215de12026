// What the next job is, and what a report changes.
#include <embedloom/engine/coordinator.h>
#include <embedloom/loom/ranks.h>

#include <algorithm>
#include <utility>

namespace embedloom::engine {

namespace {

using std::to_string;

constexpr std::uint32_t most_threads = 4096;

[[noreturn]] void refuse(std::string key_path, std::string found, std::string expected) {
    throw base::Failure({.code = base::Code::config,
                         .key_path = std::move(key_path),
                         .found = std::move(found),
                         .expected = std::move(expected)});
}

const Settings& checked(const Settings& settings) {
    loom::check_shape(settings.shape);
    loom::check_state(settings.shape, settings.start);
    if (settings.threads == 0 || settings.threads > most_threads)
        refuse("run.threads", to_string(settings.threads), "1 to " + to_string(most_threads));
    if (settings.batch_slots < 2)
        refuse("run.memory", "room for " + to_string(settings.batch_slots) + " batches", "room for 2 or more");
    if (settings.window_estimate_bytes == 0 || settings.window_budget_bytes < settings.window_estimate_bytes)
        refuse("run.memory", to_string(settings.window_budget_bytes) + " bytes for windows",
               "at least the " + to_string(settings.window_estimate_bytes) + " of one window");
    if (settings.shape.world > 1 && settings.counts == nullptr)
        refuse("world_size", to_string(settings.shape.world) + " ranks and no row counts",
               "the rows of every window, since each rank must know where its share begins");
    return settings;
}

}  // namespace

Coordinator::Coordinator(const Settings& settings)
    : settings_(checked(settings)),
      counts_(settings.counts != nullptr ? settings.counts : &learned_),
      dealer_(settings.shape, settings.start),
      order_(make_window_order(settings)),
      shelf_({.budget_bytes = settings.window_budget_bytes, .estimate_bytes = settings.window_estimate_bytes}),
      state_(settings.start),
      lane_slots_(settings.shape.lanes),
      batches_(settings.batch_slots) {
    for (std::uint32_t slot = settings.batch_slots; slot-- > 0;) free_batches_.push_back(slot);
    advance();
}

// ---- jobs

std::optional<OpenJob> Coordinator::take_open() {
    if (to_open_.empty()) return std::nullopt;
    const std::uint32_t slot = to_open_.front();
    to_open_.pop_front();
    return OpenJob{.plan = &batches_[slot].plan, .batch_slot = slot};
}

std::optional<StripTask> Coordinator::take_strip() {
    if (strips_.empty()) return std::nullopt;
    const StripTask task = strips_.front();
    strips_.pop_front();
    return task;
}

std::optional<WindowJob> Coordinator::take_window() {
    if (closed_ || shelf_.making() >= settings_.threads) return std::nullopt;
    std::optional<WindowId> id;
    if (need_ && !shelf_.is_granted(*need_))
        id = need_;
    else if (shelf_.has_room() && failed_windows_.empty())
        id = order_->peek();
    if (!id) return std::nullopt;
    order_->granted(*id);
    return WindowJob{.id = *id, .slot = shelf_.grant(*id)};
}

std::optional<Finished> Coordinator::take_finished() {
    if (finished_.empty()) return std::nullopt;
    const Finished finished = finished_.front();
    finished_.pop_front();
    return finished;
}

/// Of a failed batch the strips before the failed one are made still: one of them may hold the first error.
bool Coordinator::is_wanted(const StripTask& task) const {
    const BatchSlot& batch = batches_[task.batch_slot];
    return is_reached(batch.sequence) && !(batch.error && task.first_row >= batch.error_row);
}

// ---- reports

void Coordinator::recycled(std::uint32_t window_slot) {
    ++events_;
    shelf_.recycled(window_slot);
}

void Coordinator::opened(std::uint32_t batch_slot, BatchOpened opened) {
    ++events_;
    BatchSlot& batch = batches_[batch_slot];
    if (opened.error) {
        batch.error = std::move(opened.error);
        batch.error_row = 0;
        note_failure(batch.sequence);
    }
    if (batch.error || batch.plan.rows.empty() || !is_reached(batch.sequence))
        finish(batch_slot);
    else
        cut_strips(batch_slot, opened.bytes_per_row);
}

void Coordinator::cut_strips(std::uint32_t batch_slot, std::uint64_t bytes_per_row) {
    BatchSlot& batch = batches_[batch_slot];
    const auto rows = static_cast<std::uint32_t>(batch.plan.rows.size());
    const std::uint64_t fitting = bytes_per_row > 0 ? settings_.strip_bytes / bytes_per_row : rows;
    const auto most = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(fitting, 1, rows));
    batch.strips_left = rows / most + (rows % most > 0 ? 1 : 0);
    const std::uint32_t each = rows / batch.strips_left;
    const std::uint32_t longer = rows % batch.strips_left;  // so many strips have a row more: none is a small rest
    std::uint32_t first = 0;
    for (std::uint32_t strip = 0; strip < batch.strips_left; ++strip) {
        const std::uint32_t count = each + (strip < longer ? 1 : 0);
        strips_.push_back(
            {.plan = &batch.plan, .batch_slot = batch_slot, .first_row = first, .row_count = count, .worker = 0});
        first += count;
    }
}

void Coordinator::strip_made(const StripTask& task, std::optional<base::Error> error) {
    ++events_;
    ++counters_.strips_made;
    BatchSlot& batch = batches_[task.batch_slot];
    if (error && (!batch.error || task.first_row < batch.error_row)) {
        batch.error = std::move(error);
        batch.error_row = task.first_row;
        note_failure(batch.sequence);
    }
    count_down(task.batch_slot);
}

void Coordinator::count_down(std::uint32_t batch_slot) {
    if (--batches_[batch_slot].strips_left == 0) finish(batch_slot);
}

void Coordinator::window_made(std::uint32_t window_slot, WindowMade made) {
    ++events_;
    ++counters_.windows_made;
    const WindowId id = shelf_.id(window_slot);
    if (!made.error) made.error = miscounted(id, made.rows);
    if (closed_ || made.error) {
        if (made.error) failed_windows_.emplace(id, std::move(*made.error));
        shelf_.drop(window_slot, made.bytes);
    } else {
        shelve(window_slot, made);
    }
    advance();
}

void Coordinator::shelve(std::uint32_t window_slot, const WindowMade& made) {
    const WindowId id = shelf_.id(window_slot);
    counters_.rows_made += made.rows;
    order_->made(id, made.rows);
    if (counts_ == &learned_) learned_.set(id.epoch, id.window, made.rows);
    if (draining_ || loom::is_spent(state_, id.epoch, id.window, made.rows))
        shelf_.drop(window_slot, made.bytes);
    else
        shelf_.shelve(window_slot, made.bytes);
}

void Coordinator::given_back(std::uint32_t batch_slot) {
    if (batch_slot >= batches_.size() || batches_[batch_slot].stand != Stand::held)
        throw base::Failure({.code = base::Code::usage,
                             .found = "batch slot " + to_string(batch_slot) + " given back by one who does not hold it",
                             .expected = "the slot of a batch that next() gave, once"});
    ++events_;
    --held_;
    batches_[batch_slot].stand = Stand::free;
    free_batches_.push_back(batch_slot);
    advance();
}

void Coordinator::cancel() {
    if (!cancelled_) ++events_;
    cancelled_ = true;
    close();
}

Next Coordinator::hand_out(const Finished& finished) {
    if (!finished.batch_slot) {
        if (const auto* end = std::get_if<End>(&*terminal_)) return *end;
        return std::get<base::Error>(*terminal_);
    }
    BatchSlot& batch = batches_[*finished.batch_slot];
    if (batch.error) return *batch.error;
    batch.stand = Stand::held;
    ++held_;
    ++counters_.batches_out;
    counters_.rows_out += batch.plan.rows.size();
    return Batch{.plan = &batch.plan, .batch_slot = *finished.batch_slot};
}

// ---- steps

/// Lets steps go as far as their windows are made and batch slots are free.
void Coordinator::advance() {
    while (!closed_ && deal() && find_windows() && !free_batches_.empty()) let_go();
}

/// False: no step is dealt, as a count is missing or there is none.
bool Coordinator::deal() {
    if (dealt_) return true;
    need_.reset();
    try {
        loom::StepResult result = dealer_.advance(*counts_);
        if (const auto* end = std::get_if<loom::End>(&result)) {
            if (drain()) end_with(End{.rows_cut = end->rows_cut, .state = dealer_.state()});
        } else if (const auto* need = std::get_if<loom::Need>(&result)) {
            ask_for({need->epoch, need->window});
        } else {
            dealt_ = Dealt{.step = std::move(std::get<loom::Step>(result))};
            plan_dealt();
        }
    } catch (const base::Failure& failure) {
        end_with(failure.first());
    }
    return dealt_.has_value();
}

/// Behind the last step: true once all that ranks make for the count alone, as no step takes a row of it, is made too. A
/// mistake is told when nothing is being made any more: windows are begun in the order of the stream, so it is the first.
bool Coordinator::drain() {
    if (settings_.shape.world == 1 || settings_.shape.tail != loom::Tail::drop) return true;
    draining_ = true;
    shelf_.spend_all();
    const bool waits_for_more = failed_windows_.empty() && order_->peek();
    if (waits_for_more || shelf_.making() > 0) return false;
    for (const loom::Place& place : dealer_.left_out()) {
        const auto failed = failed_windows_.find({place.epoch, place.window});
        if (failed == failed_windows_.end()) continue;
        end_with(failed->second);
        return false;
    }
    return true;
}

void Coordinator::plan_dealt() {
    const loom::Step& step = dealt_->step;
    const std::uint64_t rows = step.places.size();
    const loom::RowRange own = loom::share(rows, settings_.shape.rank, settings_.shape.world);
    StepPlan& plan = dealt_->plan;
    plan.step = step.after.step - 1;
    plan.rows.reserve(own.size());
    const std::uint64_t first_repeat = std::max(own.begin, rows - step.repeats);
    plan.repeats = static_cast<std::uint32_t>(own.end - std::min(own.end, first_repeat));
    plan.after = step.after;
    plan.last = step.after.ended || (settings_.shape.steps && step.after.step >= *settings_.shape.steps);
}

/// False: a window of the step is not made.
bool Coordinator::find_windows() {
    const auto places = own_places(settings_.shape, dealt_->step.places);
    std::vector<RowPlace>& rows = dealt_->plan.rows;
    while (rows.size() < places.size()) {
        const loom::Place& place = places[rows.size()];
        const auto slot = find_slot(place);
        if (!slot) {
            ask_for({place.epoch, place.window});
            return false;
        }
        rows.push_back({.window_slot = *slot, .row = static_cast<std::uint32_t>(place.row), .place = place});
    }
    need_.reset();
    return true;
}

/// The slot of a shelved window. Each lane remembers its last one: a window stays where it is until it is spent.
std::optional<std::uint32_t> Coordinator::find_slot(const loom::Place& place) {
    const WindowId id{place.epoch, place.window};
    auto& last = lane_slots_[place.window % lane_slots_.size()];
    if (last && last->first == id) return last->second;
    const auto slot = shelf_.find(id);
    if (slot) last.emplace(id, *slot);
    return slot;
}

void Coordinator::ask_for(WindowId id) {
    need_ = id;
    const auto failed = failed_windows_.find(id);
    if (failed != failed_windows_.end()) end_with(failed->second);
}

void Coordinator::let_go() {
    const std::uint32_t slot = free_batches_.back();
    free_batches_.pop_back();
    BatchSlot& batch = batches_[slot];
    batch = {.plan = std::move(dealt_->plan), .sequence = next_sequence_++, .stand = Stand::making};
    hold_windows(batch);
    state_ = dealt_->step.after;
    spend_windows(dealt_->step);
    order_->dealt(state_);
    learned_.forget_before(state_.epoch);
    dealt_.reset();
    to_open_.push_back(slot);
    ++making_;
}

void Coordinator::hold_windows(BatchSlot& batch) {
    for (const RowPlace& row : batch.plan.rows)
        if (batch.windows.empty() || batch.windows.back() != row.window_slot) batch.windows.push_back(row.window_slot);
    std::sort(batch.windows.begin(), batch.windows.end());
    batch.windows.erase(std::unique(batch.windows.begin(), batch.windows.end()), batch.windows.end());
    for (const std::uint32_t window : batch.windows) shelf_.hold(window);
}

/// A window is spent by the step that takes its last row, whichever rank has that row.
void Coordinator::spend_windows(const loom::Step& step) {
    std::optional<WindowId> seen;
    for (const loom::Place& place : step.places) {
        const WindowId id{place.epoch, place.window};
        if (seen == id) continue;
        seen = id;
        const auto rows = counts_->rows(id.epoch, id.window);
        if (!rows || !loom::is_spent(state_, id.epoch, id.window, *rows)) continue;
        if (const auto slot = shelf_.find(id)) shelf_.spend(*slot);
    }
}

// ---- ends

void Coordinator::finish(std::uint32_t batch_slot) {
    BatchSlot& batch = batches_[batch_slot];
    for (const std::uint32_t window : batch.windows) shelf_.release(window);
    batch.windows.clear();
    batch.stand = Stand::finished;
    --making_;
    finished_.push_back({.sequence = batch.sequence, .batch_slot = batch_slot});
}

void Coordinator::note_failure(std::uint64_t sequence) {
    failed_sequence_ = std::min(failed_sequence_, sequence);
    close();
}

void Coordinator::end_with(Terminal terminal) {
    terminal_ = std::move(terminal);
    finished_.push_back({.sequence = next_sequence_, .batch_slot = std::nullopt});
    close();
}

void Coordinator::close() {
    closed_ = true;
    dealt_.reset();
    need_.reset();
    shelf_.spend_all();
    drop_unwanted();
}

/// What has not begun and comes after the first mistake is over at once, so that nobody has to come for it. In place: the
/// mistake may be that there is no memory.
void Coordinator::drop_unwanted() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < to_open_.size(); ++i)
        if (const std::uint32_t slot = to_open_[i]; is_reached(batches_[slot].sequence))
            to_open_[kept++] = slot;
        else
            finish(slot);
    to_open_.resize(kept);
    kept = 0;
    for (std::size_t i = 0; i < strips_.size(); ++i)
        if (const StripTask task = strips_[i]; is_wanted(task))
            strips_[kept++] = task;
        else
            count_down(task.batch_slot);
    strips_.resize(kept);
}

std::optional<base::Error> Coordinator::miscounted(WindowId id, std::uint32_t rows) const {
    const auto counted = counts_->rows(id.epoch, id.window);
    if (!counted || *counted == rows) return std::nullopt;
    return base::Error{.code = base::Code::bad_data,
                       .found = to_string(rows) + " rows in window " + to_string(id.window) + " of epoch " + to_string(id.epoch),
                       .expected = "the " + to_string(*counted) + " that were counted",
                       .hint = "the data or a plugin has changed since then; clear the cache"};
}

// ---- what is seen from outside

bool Coordinator::waits_for_caller() const {
    return dealt_ && dealt_->plan.rows.size() == own_places(settings_.shape, dealt_->step.places).size() &&
           held_ == batches_.size();
}

std::string Coordinator::unfinished() const {
    std::string text;
    for (const WindowId id : shelf_.being_made())
        text += (text.empty() ? "" : ", ") + ("window " + to_string(id.window) + " of epoch " + to_string(id.epoch));
    for (const BatchSlot& batch : batches_)
        if (batch.stand == Stand::making)
            text += (text.empty() ? "" : ", ") + (to_string(batch.strips_left) + " strips of step " + to_string(batch.plan.step));
    return text.empty() ? "nothing is being made" : text;
}

Counters Coordinator::counters() const {
    Counters counters = counters_;
    counters.overdraws = shelf_.overdraws();
    counters.window_bytes = shelf_.bytes();
    counters.window_bytes_peak = shelf_.bytes_peak();
    counters.window_slots = shelf_.in_use();
    counters.window_slots_peak = shelf_.numbers();
    counters.batch_slots = static_cast<std::uint32_t>(batches_.size() - free_batches_.size());
    counters.batches_ready = counters.batch_slots - making_ - held_;
    return counters;
}

}  // namespace embedloom::engine
