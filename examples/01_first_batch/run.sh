#!/usr/bin/env bash
# The first batch: questions and answers from JSON lines become finished BERT input embeddings.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
config=configs/bert_pair.yaml

echo
echo "\$ embedloom show $config --rows 2"
build/embedloom show "$config" --rows 2 --vector 2
echo "\$ embedloom run $config"
build/embedloom run "$config"
echo
echo "\$ python examples/01_first_batch/check.py"
"${PYTHON:-python3}" examples/01_first_batch/check.py build/out/bert_pair build/assets/bert/model.safetensors
