// The window slots: who has one, how many bytes they hold, and when one goes back.
#pragma once

#include <embedloom/engine/engine.h>

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace embedloom::engine {

/// A slot's way: free -> making -> shelved -> recycling -> free. It is shelved until it is spent (no later step takes a row
/// of it) and no open step holds it. One thread at a time.
class WindowShelf {
  public:
    struct Limits {
        std::uint64_t budget_bytes = 0;
        std::uint64_t estimate_bytes = 1;  ///< what a window counts as until it is made
    };

    explicit WindowShelf(const Limits& limits);

    /// Whether one more window fits the budget.
    bool has_room() const;
    /// A slot for a window, beyond the budget where there is no room.
    std::uint32_t grant(WindowId id);

    /// The window is made and its rows may be taken.
    void shelve(std::uint32_t slot, std::uint64_t bytes);
    /// The window is made and nobody wants it: it failed, is empty, or comes too late.
    void drop(std::uint32_t slot, std::uint64_t bytes);

    /// The slot of a window that is shelved.
    std::optional<std::uint32_t> find(WindowId id) const;
    bool is_granted(WindowId id) const { return by_id_.contains(id); }
    WindowId id(std::uint32_t slot) const { return slots_[slot].id; }
    /// Windows that are being made, in order.
    std::vector<WindowId> being_made() const;

    void hold(std::uint32_t slot) { ++slots_[slot].holders; }
    void release(std::uint32_t slot);
    void spend(std::uint32_t slot);
    /// No step will take a row any more: all that is shelved and not held goes.
    void spend_all();

    std::optional<std::uint32_t> take_recycle();
    void recycled(std::uint32_t slot);

    std::uint32_t making() const { return making_; }
    std::uint32_t in_use() const { return in_use_; }
    std::uint32_t numbers() const { return static_cast<std::uint32_t>(slots_.size()); }
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t bytes_peak() const { return bytes_peak_; }
    std::uint64_t overdraws() const { return overdraws_; }

  private:
    enum class Stand { free, making, shelved, recycling };
    struct Slot {
        WindowId id;
        Stand stand = Stand::free;
        std::uint64_t bytes = 0;
        std::uint32_t holders = 0;
        bool spent = false;
    };

    void charge(Slot& slot, std::uint64_t bytes);
    void recycle_if_idle(std::uint32_t slot);

    Limits limits_;
    std::uint64_t slot_limit_;
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::map<WindowId, std::uint32_t> by_id_;  // making and shelved ones
    std::deque<std::uint32_t> to_recycle_;
    std::uint32_t making_ = 0;
    std::uint32_t in_use_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t bytes_peak_ = 0;
    std::uint64_t overdraws_ = 0;
};

}  // namespace embedloom::engine
