// How the law deals rows, said as plainly as possible.
#include "reference/stream_model.h"

namespace embedloom::reference {

ModelState StreamModel::start() const {
    ModelState state;
    for (std::uint64_t lane = 0; lane < lanes; ++lane) state.cursors.push_back({lane, 0});
    return state;
}

/// The lane's next row goes to the end of `places`; false when the lane has no more in this epoch.
bool StreamModel::one_row(std::uint64_t epoch, ModelCursor& cursor, Places& places) const {
    std::uint64_t row = cursor.row;
    for (std::uint64_t window = cursor.window; window < windows; window += lanes, row = 0) {
        if (row >= rows(epoch, window)) continue;
        places.push_back({epoch, window, row});
        cursor = {window, row + 1};
        return true;
    }
    return false;
}

/// Round after round, each lane gives one row, until the batch is full or a whole round gave nothing.
void StreamModel::one_each(std::uint64_t epoch, Cursors& cursors, Places& places) const {
    bool gave = true;
    while (gave && places.size() < batch) {
        gave = false;
        for (ModelCursor& cursor : cursors)
            if (places.size() < batch && one_row(epoch, cursor, places)) gave = true;
    }
}

/// Each lane gives up to its share, one lane after the other; the others fill in for the dry ones.
void StreamModel::fair_shares(std::uint64_t epoch, Cursors& cursors, Places& places) const {
    for (ModelCursor& cursor : cursors)
        for (std::uint64_t i = 0; i < batch / lanes && one_row(epoch, cursor, places); ++i) {}
    one_each(epoch, cursors, places);
}

std::optional<ModelBatch> StreamModel::step(const ModelState& state) const {
    if (state.ended) return std::nullopt;
    ModelBatch made;
    made.after = state;
    made.after.step += 1;
    fair_shares(state.epoch, made.after.cursors, made.places);

    int empty_epochs = 0;
    while (made.places.size() < batch && (!epochs || made.after.epoch + 1 < *epochs)) {
        const std::size_t before = made.places.size();
        made.after.epoch += 1;
        made.after.cursors = start().cursors;
        one_each(made.after.epoch, made.after.cursors, made.places);
        empty_epochs = made.places.size() > before ? 0 : empty_epochs + 1;
        if (empty_epochs > 1) throw ModelError::epoch_without_a_row;
    }
    if (made.places.size() == batch) return made;

    made.after.ended = true;
    if (made.places.empty() || tail == ModelTail::drop) {
        if (state.step > 0) return std::nullopt;
        throw made.places.empty() ? ModelError::epoch_without_a_row : ModelError::not_one_full_batch;
    }
    if (tail == ModelTail::wrap) {
        const std::size_t real = made.places.size();
        for (std::uint64_t extra = made.after.epoch + 1; made.places.size() < batch; ++extra) {
            Cursors cursors = start().cursors;
            one_each(extra, cursors, made.places);
        }
        made.repeats = batch - real;
    }
    return made;
}

}  // namespace embedloom::reference
