// Checks of what an objective gives back.
#include <embedloom/host/objective_stage.h>

#include <embedloom/host/check.h>
#include <embedloom/host/dtype.h>
#include <embedloom/host/kind.h>
#include <embedloom/host/tokenizer_stage.h>

namespace embedloom::host {

namespace {

std::optional<Breach> check_columns(const Columns& out, std::span<const el_column> columns, const ObjectiveCall& call) {
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
        const std::uint64_t values = columns[c].axis == EL_AXIS_ROW ? call.row_ends.size() : call.ids.size();
        const std::uint64_t bytes = values * dtype_bytes(columns[c].dtype), found = out.bytes(EL_APPLY_COLUMN(c));
        if (found != bytes)
            return Breach{std::to_string(found) + " bytes of column '" + std::string(view_of(columns[c].name)) + "'",
                          std::to_string(bytes) + " for " + std::to_string(values) + " values"};
    }
    return std::nullopt;
}

std::optional<Breach> check_applied(const Columns& out, std::span<const el_column> columns, const ObjectiveCall& call,
                                    std::uint32_t vocab_size) {
    if (auto breach = check_count<std::uint32_t>(out, EL_APPLY_IDS, call.ids.size(), "ids")) return breach;
    if (const std::uint32_t most = largest(out.get<std::uint32_t>(EL_APPLY_IDS)); !call.ids.empty() && most >= vocab_size)
        return Breach{"id " + std::to_string(most), "ids below " + std::to_string(vocab_size) + ", the vocabulary"};
    return check_columns(out, columns, call);
}

}  // namespace

ObjectiveStage::ObjectiveStage(std::shared_ptr<Instance> instance)
    : instance_(std::move(instance)),
      functions_(static_cast<const el_objective_functions*>(functions_of(*instance_, EL_KIND_OBJECTIVE))),
      needs_words_(facts_of(*instance_, functions_->facts).needs_words != 0),
      vocab_size_(instance_->services().tokenizer ? instance_->services().tokenizer->vocabulary().vocab_size : 0) {}

Outcome ObjectiveStage::apply(std::uint32_t worker, const ObjectiveCall& call, Columns& out) const {
    out.begin(1 + static_cast<std::uint32_t>(columns().size()));
    const el_objective_call asked{sizeof(el_objective_call), 0, call.row_ends.size(), call.row_ends.data(), call.ids.data(),
                                  call.special.data(), needs_words_ ? call.words.data() : nullptr, call.keys.data()};
    return checked_call(
        *instance_, "apply", out,
        [&](const el_problems* problems) {
            return functions_->apply(instance_->handle().instance, instance_->scratch(worker), &asked, out.writer(), problems);
        },
        [&] { return check_applied(out, columns(), call, vocab_size_); });
}

}  // namespace embedloom::host
