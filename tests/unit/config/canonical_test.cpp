// The canonical text: the same for equal configs however they are written, and split by what can change a
// row.
#include "support/catch.hpp"
#include "workshop.h"

using namespace embedloom;
using config::job;
using config::Part;
using config::Workshop;

TEST_CASE("canonical: order, quotes, shorthands and units of the file make no difference") {
    const Workshop workshop;
    const std::string one = config::to_canonical_text(
        workshop.load(job("objective: mlm\nrun: {memory: 2048 MiB, seed: 3, on_error: skip}\n")));
    const std::string two =
        config::to_canonical_text(workshop.load("run:\n  on_error: {policy: 'skip', at_most: 0.01}\n  seed: "
                                                "3\nobjective: {use: 'mlm', probability: 15e-2}\n" +
                                                job()));
    CHECK(one == two);
    CHECK_THAT(one, Catch::Contains("tokenizer = wordpiece 1.2.0\n"));
    CHECK_THAT(one, Catch::Contains("segment.template = \"[CLS] $A [SEP]\"\n"));
    CHECK_THAT(one, Catch::Contains("run.memory = 2 GiB\n"));
    CHECK_THAT(one, Catch::Contains("objective.probability = 0.15\n"));
}

TEST_CASE(
    "canonical: what can change no row is left out of the rows' part, and paths stand for their content") {
    const Workshop workshop;
    const auto rows = [&](const std::vector<std::string>& sets) {
        return config::to_canonical_text(workshop.load(job("sink: discard\n"), sets), Part::rows_only);
    };
    const std::string text = rows({});
    for (const char* set : {"run.threads=4", "run.memory=1 GiB", "run.cache=elsewhere", "run.engine=serial",
                            "run.on_error=skip", "run.steps=9", "sink=null", "batch.emit=[input_ids]",
                            "plugins=[data]", "source.block=1", "source.files=data/a.txt"})
        CHECK(rows({set}) == text);
    for (const char* set : {"run.seed=4", "run.shuffle=true", "batch.size=31", "segment.max_length=8",
                            "tokenizer.lowercase=false", "objective=mlm", "run.window_bytes=1 KiB",
                            "run.lanes=2", "run.limits.record_bytes=1 KiB"})
        CHECK(rows({set}) != text);
    CHECK_THAT(text, Catch::Contains("tokenizer.vocab = <digest>\n") &&
                         Catch::Contains("source.files = <digest>\n"));
    CHECK(text.find(workshop.path("")) == std::string::npos);
}
