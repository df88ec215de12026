// Which window is worth making next, before a step asks for it.
#pragma once

#include <embedloom/engine/engine.h>
#include <embedloom/loom/planner.h>
#include <embedloom/loom/step.h>

#include <memory>
#include <optional>
#include <span>

namespace embedloom::engine {

/// Windows in the order in which they are wanted. What it says is a guess that costs time where it is wrong, never a row:
/// a step that needs another window has that one made first. One thread at a time.
class WindowOrder {
  public:
    virtual ~WindowOrder() = default;
    /// The next one to make, or nothing for now. The same until it is granted.
    std::optional<WindowId> peek();
    /// This one is being made: peek() has said it, or a step needs it.
    virtual void granted(WindowId id) = 0;
    virtual void made(WindowId id, std::uint32_t rows) = 0;
    /// The stream has gone on to this state.
    virtual void dealt(const loom::State& after) = 0;

  protected:
    virtual std::optional<loom::Grant> offer() = 0;
    std::optional<WindowId> offered_;
};

/// The places of a global batch that are this rank's.
std::span<const loom::Place> own_places(const loom::Shape& shape, std::span<const loom::Place> places);

/// With counts that are learned: the lane that runs dry first (loom::WindowPlanner). With counts that are known: the order
/// in which steps first take a row of this rank's (loom::SharePlanner).
std::unique_ptr<WindowOrder> make_window_order(const Settings& settings);

}  // namespace embedloom::engine
