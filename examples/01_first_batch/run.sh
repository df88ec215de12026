#!/usr/bin/env bash
# The first batch, from text to numbers that a model can take: shown, written to disk, and held against the formula.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

say_and_run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# A batch as a person looks at it: what each token is, which segment, which position, and the start of its vector.
say_and_run build/embedloom show examples/01_first_batch/first_batch.yaml --rows 2

# The whole of the text, as batch files that any safetensors reader opens.
say_and_run build/embedloom run examples/01_first_batch/first_batch.yaml --progress plain

# The same vectors from the formula in BERT's paper, in plain Python.
say_and_run python3 examples/01_first_batch/compare.py build/out/first_batch/batch-00000000.safetensors build/assets/bert/model.safetensors
