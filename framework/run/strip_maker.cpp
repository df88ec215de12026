// Collation and embedding of strips.
#include <embedloom/run/strip_maker.h>

#include <algorithm>

namespace embedloom::run {

namespace {

Tensor* find(BatchSlot& slot, const std::vector<TensorPlan>& plans, Content content) {
    for (std::size_t i = 0; i < plans.size(); ++i)
        if (plans[i].content == content) return &slot.tensors[i];
    return nullptr;
}

// Of a batch's vectors. What is larger has left a core's caches before the caller comes for it, and is written past them: through them
// each line would first be read from memory.
constexpr std::uint64_t streamed_from_bytes = 1 << 20;

using PadRow = void (*)(const Padding&, const RowMove&, std::span<std::int64_t>);

/// int64 values of a strip's rows [rows, S]: those of the batch's own tensor where it has them, else made in `scratch`.
const std::int64_t* values_of(const Tensor* tensor, const std::vector<RowMove>& moves, std::vector<std::int64_t>& scratch,
                              const auto& make) {
    if (tensor && tensor->dtype == EL_I64)
        return reinterpret_cast<const std::int64_t*>(tensor->data() + moves.front().batch_row * tensor->row_bytes());
    make(scratch);
    return scratch.data();
}

}  // namespace

StripMaker::StripMaker(BatchLayout layout, StageClock& clock, std::uint32_t workers)
    : layout_(std::move(layout)), clock_(&clock), workers_(workers) {}

void StripMaker::open(BatchSlot& slot, std::uint32_t rows, std::uint32_t longest) const {
    open_slot(slot, layout_.tensors, rows, padded_length(layout_.padding, longest));
    slot.view.rows = rows;
    slot.view.length = slot.length;
    slot.view.pad_side = layout_.padding.side;
    slot.view.tensors = slot.tensors;
    slot.view.row_lengths = slot.row_lengths;
    slot.view.origins = slot.origins;
}

Origin StripMaker::origin_of(const RowMove& move) const {
    const std::uint64_t record = move.window->records[move.window_row];
    const auto after = std::upper_bound(layout_.files.begin(), layout_.files.end(), record,
                                        [](std::uint64_t byte, const SourceFile& file) { return byte < file.begin; });
    const SourceFile& file = *std::prev(after);
    Origin origin{.file = file.path, .byte = record - file.begin, .record = record, .epoch = move.window->epoch};
    if (!move.window->table_rows.empty()) origin.row = static_cast<std::uint64_t>(move.window->table_rows[move.window_row]);
    return origin;
}

void StripMaker::make(BatchSlot& slot, const std::vector<RowMove>& moves, std::uint32_t worker) const {
    if (moves.empty()) return;
    Laps laps(*clock_);
    for (const RowMove& move : moves) {
        slot.row_lengths[move.batch_row] = move.window->row_length(move.window_row);
        slot.origins[move.batch_row] = origin_of(move);
    }
    for (std::size_t i = 0; i < layout_.tensors.size(); ++i)
        for (const RowMove& move : moves) fill_row(layout_.tensors[i], layout_.padding, move, slot.tensors[i]);
    laps.lap(TimedStage::collate);
    embed(slot, moves, workers_[worker]);
    laps.lap(TimedStage::embed);
}

void StripMaker::embed(BatchSlot& slot, const std::vector<RowMove>& moves, Worker& worker) const {
    if (!layout_.embeddings && !layout_.words) return;
    const auto padded = [&](PadRow pad_row) {
        return [&, pad_row](std::vector<std::int64_t>& out) {
            out.resize(moves.size() * slot.length);
            for (std::size_t row = 0; row < moves.size(); ++row)
                pad_row(layout_.padding, moves[row], {out.data() + row * slot.length, slot.length});
        };
    };
    embed::Strip strip{.rows = moves.size(), .length = slot.length};
    strip.ids = values_of(find(slot, layout_.tensors, Content::input_ids), moves, worker.ids, padded(&padded_ids));
    const auto assemble = [&](const embed::Assembler& assembler, Content content) {
        Tensor* tensor = find(slot, layout_.tensors, content);
        strip.out = tensor->data() + moves.front().batch_row * tensor->row_bytes();
        strip.store = slot.view.rows * tensor->row_bytes() >= streamed_from_bytes ? embed::Store::streaming : embed::Store::cached;
        assembler.assemble(strip);
    };
    if (layout_.words) assemble(*layout_.words, Content::word_embeddings);
    if (!layout_.embeddings) return;
    if (layout_.segments)
        strip.segment_ids = values_of(find(slot, layout_.tensors, Content::token_type_ids), moves, worker.segments,
                                      padded(&padded_segments));
    if (!layout_.positions.empty()) strip.positions = layout_.positions.data();
    assemble(*layout_.embeddings, Content::embeddings);
}

}  // namespace embedloom::run
