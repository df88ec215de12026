// Random streams for the tests, each with its slow twin.
#pragma once

#include <random>

#include "reference/stream_model.h"
#include "support.h"

namespace loom_test {

using embedloom::reference::ModelTail;
using embedloom::reference::StreamModel;

/// A random stream: its shape, its counts, and the twin of both.
struct Sample {
    Shape shape;
    Table table{{}};

    explicit Sample(std::uint64_t seed) {
        std::mt19937_64 random(seed);
        const auto below = [&](std::uint64_t n) { return random() % n; };
        const std::uint32_t lanes[] = {1, 2, 3, 4, 5, 7, 8, 12, 16, 32, 64};
        shape.lanes = lanes[below(11)];
        shape.batch = shape.lanes * static_cast<std::uint32_t>(1 + below(6));
        shape.windows = shape.lanes + below(3 * shape.lanes);
        if (below(4)) shape.epochs = 1 + below(3);
        else shape.epochs = std::nullopt;
        shape.tail = static_cast<Tail>(below(3));
        const std::uint64_t most = 1 + below(12), empty = below(4);
        for (int epoch = 0; epoch < 4; ++epoch) {
            std::vector<std::uint64_t> counts(shape.windows);
            for (std::uint64_t& count : counts) count = below(4) < empty ? 0 : below(most + 1);
            counts[below(counts.size())] += 1;
            table.counts.push_back(counts);
        }
    }

    StreamModel twin() const {
        StreamModel model;
        model.windows = shape.windows;
        model.lanes = shape.lanes;
        model.batch = shape.batch;
        model.epochs = shape.epochs;
        model.tail = static_cast<ModelTail>(shape.tail);
        model.rows = [this](std::uint64_t epoch, std::uint64_t window) { return table.at(epoch, window); };
        return model;
    }
};

/// Whether the stream goes on to its end, or for a while where it is endless: 12 steps.
inline std::optional<Run> run_sample(const Sample& sample) {
    std::optional<Run> made;
    const auto all = [&] { made = run(sample.shape, start(sample.shape), sample.table, 12); };
    return failure(all).empty() ? made : std::nullopt;
}

}  // namespace loom_test
