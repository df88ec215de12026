// What a sink must keep: batches on disk when write returns, one run to a folder.
#include <embedloom/host/sink_stage.h>
#include <embedloom/testkit/checks.h>

#include <array>

namespace embedloom::testkit {

namespace {

using host::SinkStage;
using host::StageName;

el_text text(std::string_view from) { return {from.data(), from.size()}; }

/// A batch of two rows of three tokens with ids, a mask and vectors.
struct Batch {
    explicit Batch(std::uint64_t step) {
        abi = {sizeof(el_batch), static_cast<std::uint32_t>(tensors.size()), tensors.data(), step, 2, 0, lengths.data(),
               origins.data()};
    }
    Batch(const Batch&) = delete;
    alignas(64) std::array<std::int64_t, 6> ids{1, 7, 2, 1, 2, 3};
    alignas(64) std::array<std::int64_t, 6> mask{1, 1, 1, 1, 1, 0};
    alignas(64) std::array<float, 12> vectors{0.5F, -0.25F, 1e-30F, 3e38F};
    std::array<std::uint64_t, 3> shape{2, 3, 2};
    std::array<std::uint32_t, 2> lengths{3, 2};
    std::array<el_origin, 2> origins{{{text("data.txt"), 0, 0, 0}, {text("data.txt"), 12, 12, 0}}};
    std::array<el_tensor, 3> tensors{{{sizeof(el_tensor), EL_I64, text("input_ids"), shape.data(), ids.data(), 2, 0},
                                      {sizeof(el_tensor), EL_I64, text("attention_mask"), shape.data(), mask.data(), 2, 0},
                                      {sizeof(el_tensor), EL_F32, text("embeddings"), shape.data(), vectors.data(), 3, 0}}};
    el_batch abi{};
};

el_run_facts run_of(std::string_view fingerprint, std::uint64_t first_step = 0) {
    return {sizeof(el_run_facts), 0, 1, first_step ? EL_RUN_RESUMES : 0, text(fingerprint), first_step};
}

void check_run(Workshop& workshop, const StageName& name) {
    SinkStage sink(workshop.make(name));
    expect(sink.open(run_of("run one")), "open");
    for (std::uint64_t step = 0; step < 3; ++step) expect(sink.write(Batch(step).abi), "write of step " + std::to_string(step));
    expect(sink.close(), "close");
}

void check_resume(Workshop& workshop, const StageName& name) {
    {
        SinkStage sink(workshop.make(name));
        expect(sink.open(run_of("run one")), "open");
        for (std::uint64_t step = 0; step < 3; ++step) expect(sink.write(Batch(step).abi), "write");
    }
    SinkStage sink(workshop.make(name));
    expect(sink.open(run_of("run one", 2)), "open at step 2");
    expect(sink.write(Batch(2).abi), "write of step 2 again");
    expect(sink.close(), "close");
}

}  // namespace

Checks sink_checks(const StageName& name) {
    return {{"writes the batches of a run", [=](Workshop& workshop) { check_run(workshop, name); }},
            {"goes on in its folder at the step that a run resumes at",
             [=](Workshop& workshop) { check_resume(workshop, name); }}};
}

}  // namespace embedloom::testkit
