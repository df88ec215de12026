// Checks around a positional encoding: its facts, and the ids that it is given.
#include <embedloom/host/position_stage.h>

#include <embedloom/host/check.h>

namespace embedloom::host {

PositionStage::PositionStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_position_functions*>(functions_of(*instance_, EL_KIND_POSITION))),
      facts_(facts_of(*instance_, functions_->facts)) {
    const auto refuse = [&](const std::string& found, const std::string& expected) {
        instance_->violation("facts", found, expected).or_throw();
    };
    if (facts_.form != EL_POSITION_NOTHING && facts_.form != EL_POSITION_VECTORS)
        refuse("form " + std::to_string(facts_.form), "a form of EL_POSITION_...");
    if (facts_.max_positions == 0) refuse("no positions", "at least one");
}

Outcome PositionStage::set_width(std::uint32_t width) {
    Outcome outcome;
    if (functions_->configure_width)
        outcome = instance_->call(Instance::Tag::main, [&](const el_problems* problems) {
            return functions_->configure_width(instance_->handle().instance, width, problems);
        });
    if (outcome) facts_.width = width;
    return outcome;
}

Outcome PositionStage::encode(std::span<const std::int64_t> ids, std::span<float> out) const {
    std::uint64_t most = 0;  // a negative id is a large one here
    for (const std::int64_t id : ids) most = std::max(most, static_cast<std::uint64_t>(id));
    if (!ids.empty() && most >= facts_.max_positions) {
        std::size_t place = 0;
        while (static_cast<std::uint64_t>(ids[place]) < facts_.max_positions) ++place;
        base::Error error = instance_->error(base::Code::bad_data);
        error.found = "position " + std::to_string(ids[place]);
        error.expected = "positions from 0 to " + std::to_string(facts_.max_positions - 1);
        return {EL_BAD_DATA, {{static_cast<std::uint32_t>(place), std::move(error)}}};
    }
    if (!facts_.width || out.size() / facts_.width != ids.size() || out.size() % facts_.width != 0)
        return instance_->violation("the caller of encode", std::to_string(out.size()) + " floats of room",
                                    std::to_string(ids.size()) + " vectors of " + std::to_string(facts_.width));
    return instance_->call(Instance::Tag::any_thread, [&](const el_problems* problems) {
        return functions_->encode(instance_->handle().instance, ids.data(), ids.size(), facts_.width, out.data(), problems);
    });
}

}  // namespace embedloom::host
