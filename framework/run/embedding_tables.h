// The numbers of a config's embedding, for who computes it elsewhere: a module that trains them.
#pragma once

#include <embedloom/run/batch_plan.h>
#include <embedloom/run/stages.h>
#include <embedloom/run/tensor.h>

#include <string>

namespace embedloom::run {

/// Everything as float32. A tensor without a shape: the config does not have it.
struct EmbeddingTables {
    Tensor token;      ///< [V,D]
    Tensor segment;    ///< [segment ids,D]
    Tensor positions;  ///< [P,D]: a learned table whole, else the longest rows' [S,D]; row i is added at column i
    Tensor weight, bias;  ///< [D] of the norm
    bool has_learned_positions = false;  ///< they come from a table, not from a formula
    double scale = 1;     ///< of the token rows
    std::string norm;     ///< "layer_norm", "rms_norm" or empty
    double epsilon = 0;
    std::string dtype;    ///< what vectors are rounded to: "float32", "bfloat16", "float16"
};

/// The tables of a config's embedding, copied. Throws base::Failure (config) where it has none.
EmbeddingTables embedding_tables(const config::Spec& spec, const Stages& stages, const BatchPlan& plan);

}  // namespace embedloom::run
