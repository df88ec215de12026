// Window slots and their bytes.
#include <embedloom/engine/window_shelf.h>

#include <algorithm>

namespace embedloom::engine {

WindowShelf::WindowShelf(const Limits& limits)
    : limits_(limits), slot_limit_(std::max<std::uint64_t>(1, limits.budget_bytes / limits.estimate_bytes)) {}

bool WindowShelf::has_room() const {
    return in_use_ < slot_limit_ && bytes_ <= limits_.budget_bytes &&
           limits_.estimate_bytes <= limits_.budget_bytes - bytes_;
}

std::uint32_t WindowShelf::grant(WindowId id) {
    if (!has_room()) ++overdraws_;
    if (free_.empty()) {
        free_.push_back(numbers());
        slots_.emplace_back();
    }
    const std::uint32_t number = free_.back();
    free_.pop_back();
    slots_[number] = {.id = id, .stand = Stand::making};
    charge(slots_[number], limits_.estimate_bytes);
    by_id_.emplace(id, number);
    ++making_;
    ++in_use_;
    return number;
}

void WindowShelf::shelve(std::uint32_t slot, std::uint64_t bytes) {
    charge(slots_[slot], bytes);
    slots_[slot].stand = Stand::shelved;
    --making_;
}

void WindowShelf::drop(std::uint32_t slot, std::uint64_t bytes) {
    shelve(slot, bytes);
    spend(slot);
}

std::optional<std::uint32_t> WindowShelf::find(WindowId id) const {
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || slots_[found->second].stand != Stand::shelved) return std::nullopt;
    return found->second;
}

std::vector<WindowId> WindowShelf::being_made() const {
    std::vector<WindowId> ids;
    for (const auto& [id, slot] : by_id_)
        if (slots_[slot].stand == Stand::making) ids.push_back(id);
    return ids;
}

void WindowShelf::release(std::uint32_t slot) {
    --slots_[slot].holders;
    recycle_if_idle(slot);
}

void WindowShelf::spend(std::uint32_t slot) {
    slots_[slot].spent = true;
    recycle_if_idle(slot);
}

void WindowShelf::spend_all() {
    for (std::uint32_t slot = 0; slot < numbers(); ++slot)
        if (slots_[slot].stand == Stand::shelved) spend(slot);
}

std::optional<std::uint32_t> WindowShelf::take_recycle() {
    if (to_recycle_.empty()) return std::nullopt;
    const std::uint32_t slot = to_recycle_.front();
    to_recycle_.pop_front();
    return slot;
}

void WindowShelf::recycled(std::uint32_t slot) {
    charge(slots_[slot], 0);
    slots_[slot].stand = Stand::free;
    free_.push_back(slot);
    --in_use_;
}

void WindowShelf::charge(Slot& slot, std::uint64_t bytes) {
    bytes_ -= slot.bytes;
    // What a plugin says is no reason to wrap around.
    slot.bytes = std::min(bytes, ~std::uint64_t{0} - bytes_);
    bytes_ += slot.bytes;
    bytes_peak_ = std::max(bytes_peak_, bytes_);
}

void WindowShelf::recycle_if_idle(std::uint32_t slot) {
    Slot& at = slots_[slot];
    if (at.stand != Stand::shelved || !at.spent || at.holders > 0) return;
    at.stand = Stand::recycling;
    by_id_.erase(at.id);
    to_recycle_.push_back(slot);
}

}  // namespace embedloom::engine
