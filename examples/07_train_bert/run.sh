#!/usr/bin/env bash
# Trains a small BERT with two processes (one where there is one GPU), stops in the middle, goes on, and draws the losses.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
out=build/out/train_bert
python=${PYTHON:-build/venv/bin/python}
export PYTHONPATH=build/python${PYTHONPATH:+:$PYTHONPATH}  # the package as it was built here; not needed after pip install .
rm -rf "$out"
processes=$("$python" -c 'import torch; print(min(2, torch.accelerator.device_count() or 2))')
for steps in 40 80; do
    echo "\$ torchrun --nproc-per-node $processes examples/07_train_bert/train.py --steps $steps"
    "$python" -m torch.distributed.run --nproc-per-node "$processes" --rdzv-backend c10d --rdzv-endpoint 127.0.0.1:0 --local-addr 127.0.0.1 \
        examples/07_train_bert/train.py --steps "$steps" --out "$out"
done
"$python" examples/07_train_bert/plot.py "$out/losses.jsonl" "$out/losses.png"
echo "the losses: $out/losses.png"
