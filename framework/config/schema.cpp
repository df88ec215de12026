// Every key of the core: its type, default, range and meaning. Checks, docs, templates and editor schemas
// come from here.
#include <embedloom/config/schema.h>

#include <utility>

namespace embedloom::config {

namespace {

Parameter stage(std::string name, std::string kind, std::string doc) {
    return {
        .name = std::move(name), .type = Type::stage, .stage_kind = std::move(kind), .doc = std::move(doc)};
}

Parameter required(Parameter parameter) {
    parameter.is_required = true;
    return parameter;
}

Parameter position() {
    Parameter out = stage("position", "position", "What the place of a token adds to its embedding.");
    out.keys = {
        stage("ids", "position", "Which number each token has. No plugin gives a policy yet: 0, 1, 2, ... in each row.")};
    return out;
}

Parameter norm() {
    return {.name = "norm",
            .type = Type::section,
            .shorthand = "type",
            .keys = {{.name = "type",
                      .type = Type::choice,
                      .is_required = true,
                      .choices = {"layer_norm", "rms_norm"},
                      .doc = "LayerNorm (mean and variance) or RMSNorm (root mean square alone)."},
                     stage("weight", "table", "What each component is multiplied by; without it 1."),
                     stage("bias", "table", "What is added to each component; without it 0."),
                     {.name = "eps",
                      .type = Type::number,
                      .fallback = "1e-12",
                      .minimum = 0,
                      .maximum = 1,
                      .doc = "Added to the variance, or to the mean square, before the root."}},
            .doc = "Normalises the sum; left out: no norm."};
}

Parameter embedding() {
    return {.name = "embedding",
            .type = Type::section,
            .keys = {stage("token", "table", "A row for each token id."),
                     stage("segment", "table", "A row for each segment id (`token_type_ids`)."),
                     {.name = "scale",
                      .type = Type::number,
                      .fallback = "1.0",
                      .doc = "What the token row alone is multiplied by, as the square root of the width in "
                             "some models."},
                     norm(),
                     {.name = "dtype",
                      .type = Type::choice,
                      .fallback = "float32",
                      .choices = {"float32", "float16", "bfloat16"},
                      .doc = "What the vectors are rounded to, once, at the end."}},
            .doc =
                "The sum of token, segment and position vectors, scaled, normalised and rounded. Left out: "
                "ids only."};
}

Parameter batch() {
    return {.name = "batch",
            .type = Type::section,
            .is_required = true,
            .keys = {{.name = "size",
                      .type = Type::integer,
                      .is_required = true,
                      .minimum = 1,
                      .maximum = 1 << 20,
                      .unit = "rows",
                      .doc = "Rows of the global batch; ranks share them."},
                     {.name = "layout",
                      .type = Type::choice,
                      .fallback = "padded",
                      .choices = {"padded"},
                      .doc = "`padded`: every row of a batch has the same length."},
                     {.name = "pad",
                      .type = Type::integer,
                      .fallback = "longest",
                      .minimum = 1,
                      .maximum = 1 << 24,
                      .choices = {"longest", "max"},
                      .unit = "tokens",
                      .doc = "The length of the rows: the longest of the batch, the most that `segment` "
                             "makes, or a number."},
                     {.name = "pad_multiple",
                      .type = Type::integer,
                      .fallback = "1",
                      .minimum = 1,
                      .maximum = 1 << 16,
                      .unit = "tokens",
                      .doc = "The length is rounded up to a multiple of this."},
                     {.name = "pad_side",
                      .type = Type::choice,
                      .fallback = "right",
                      .choices = {"right", "left"},
                      .doc = "Where the padding stands."},
                     {.name = "tail",
                      .type = Type::choice,
                      .fallback = "short",
                      .choices = {"short", "drop", "wrap"},
                      .doc = "What becomes of the rows at the end that fill no batch: a short batch, none "
                             "(they are counted), "
                             "or one filled up from the next epoch."},
                     {.name = "emit",
                      .type = Type::texts,
                      .doc = "The tensors of a batch, by name; left out: all that the stages make. `offset_mapping` [B,S,2] "
                             "counts bytes of the record's text in UTF-8, not characters.",
                      .keeps_rows = true}},
            .doc = "How rows become tensors."};
}

Parameter on_error() {
    return {
        .name = "on_error",
        .type = Type::section,
        .fallback = "fail",
        .shorthand = "policy",
        .keys = {{.name = "policy",
                  .type = Type::choice,
                  .fallback = "fail",
                  .choices = {"fail", "skip", "quarantine"},
                  .doc = "A record that cannot become a row ends the run, is left out and counted, or is "
                         "also kept in a "
                         "file with its place and the reason."},
                 {.name = "at_most",
                  .type = Type::share,
                  .fallback = "1 %",
                  .minimum = 0,
                  .maximum = 1,
                  .doc = "The share of the records read that may be bad before the run ends all the same."},
                 {.name = "folder",
                  .type = Type::directory,
                  .fallback = "quarantine",
                  .doc = "With `quarantine`: where quarantine.jsonl is written; each of several ranks writes its own, quarantine-r00001.jsonl."}},
        .doc = "What happens to bad records.",
        .keeps_rows = true};
}

Parameter limits() {
    return {.name = "limits",
            .type = Type::section,
            .fallback = "{}",
            .keys = {{.name = "record_bytes",
                      .type = Type::size,
                      .fallback = "64 MiB",
                      .minimum = 1,
                      .maximum = 1LL << 40,
                      .doc = "A longer record is a bad record."}},
            .doc = "What untrusted data may ask for at most."};
}

std::vector<Parameter> run_order() {
    return {{.name = "seed",
             .type = Type::integer,
             .fallback = "0",
             .minimum = 0,
             .doc = "All randomness comes from it; equal seeds give equal batches."},
            {.name = "shuffle",
             .type = Type::choice,
             .fallback = "false",
             .choices = {"false", "true", "blocks"},
             .doc = "The files' order, an exact permutation of all records, or, for data too large to index, "
                    "small blocks "
                    "from many places."},
            {.name = "epochs",
             .type = Type::integer,
             .fallback = "1",
             .minimum = 1,
             .maximum = 1 << 30,
             .choices = {"endless"},
             .doc = "How often all records are read.",
             .keeps_rows = true},  // which other number may follow on a state, run/resume.h says
            {.name = "steps",
             .type = Type::integer,
             .minimum = 1,
             .doc = "Ends the run after this many batches, counted from the very first.",
             .keeps_rows = true},
            {.name = "lanes",
             .type = Type::integer,
             .fallback = "auto",
             .minimum = 1,
             .maximum = 1 << 16,
             .choices = {"auto"},
             .doc = "How many places of the data a batch mixes; divides `batch.size`."},
            {.name = "window_bytes",
             .type = Type::size,
             .fallback = "auto",
             .minimum = 1,
             .maximum = 1LL << 40,
             .choices = {"auto"},
             .doc = "Text that is worked on together."}};
}

std::vector<Parameter> run_machine() {
    return {{.name = "threads",
             .type = Type::integer,
             .fallback = "auto",
             .minimum = 1,
             .maximum = 1024,
             .choices = {"auto"},
             .doc = "Worker threads; `auto`: one for each processor.",
             .keeps_rows = true},
            {.name = "memory",
             .type = Type::size,
             .fallback = "2 GiB",
             .minimum = 1 << 20,
             .maximum = 1LL << 50,
             .doc = "What windows and batches in flight may hold.",
             .keeps_rows = true},
            {.name = "batches",
             .type = Type::integer,
             .fallback = "auto",
             .minimum = 2,
             .maximum = 256,
             .choices = {"auto"},
             .doc = "Batches that are being made, ready, or in the caller's hands, at the same time; `auto`: 3, or 2 where "
                    "`memory` holds no more. More for a caller who keeps some.",
             .keeps_rows = true},
            {.name = "cache",
             .type = Type::directory,
             .fallback = "~/.cache/embedloom",
             .doc = "Where indexes and unpacked files are kept for the next run.",
             .keeps_rows = true},
            {.name = "engine",
             .type = Type::choice,
             .fallback = "graph",
             .choices = {"graph", "serial"},
             .doc = "`serial` does the same in one plain loop: for debuggers.",
             .keeps_rows = true}};
}

Parameter run() {
    std::vector<Parameter> keys = run_order();
    for (Parameter& key : run_machine()) keys.push_back(std::move(key));
    keys.push_back(on_error());
    keys.push_back(limits());
    return {.name = "run",
            .type = Type::section,
            .fallback = "{}",
            .keys = std::move(keys),
            .doc = "Order, length and resources of the run."};
}

std::vector<Parameter> make_top_level() {
    Parameter plugins{.name = "plugins",
                      .type = Type::folders,
                      .doc = "Folders with plugins, beside those of the program.",
                      .keeps_rows = true};
    Parameter prepare{.name = "prepare",
                      .type = Type::stages,
                      .stage_kind = "prepare",
                      .doc = "What is done to records before they are tokenized, in this order."};
    Parameter sink =
        stage("sink", "sink", "Where `run` writes the batches; other callers take them themselves.");
    sink.keeps_rows = true;
    return {{.name = "schema",
             .type = Type::integer,
             .is_required = true,
             .minimum = 1,
             .maximum = 1,
             .doc = "The version of this format."},
            std::move(plugins),
            required(stage("source", "source", "Where the records come from.")),
            std::move(prepare),
            required(stage("tokenizer", "tokenizer", "How text becomes token ids.")),
            required(
                stage("segment", "segment", "How token ids become rows: special tokens, pairs, truncation.")),
            stage("objective", "objective", "What the model is to learn from a row: masks and labels."),
            position(),
            embedding(),
            batch(),
            run(),
            std::move(sink)};
}

}  // namespace

const std::vector<Parameter>& top_level() {
    static const std::vector<Parameter> table = make_top_level();
    return table;
}

}  // namespace embedloom::config
