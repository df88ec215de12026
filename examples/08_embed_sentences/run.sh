#!/usr/bin/env bash
# Embeds the questions of a file, saves the matrix, and looks up what is nearest to one of them.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
out=build/out/sentences
python=${PYTHON:-build/venv/bin/python}
export PYTHONPATH=build/python${PYTHONPATH:+:$PYTHONPATH}  # the package as it was built here; not needed after pip install .
mkdir -p build/out
"$python" examples/08_embed_sentences/embed.py examples/08_embed_sentences/embed.yaml "$out"
"$python" examples/08_embed_sentences/nearest.py "$out" 1
