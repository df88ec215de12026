#!/usr/bin/env bash
# Builds the tokenizer with the compiler alone, and runs it from a config.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
mkdir -p build/my_plugins
"${CXX:-g++}" -std=c++20 -O2 -shared -fPIC -fvisibility=hidden -I build/release/include \
    examples/02_write_a_tokenizer/bytes.cpp -o build/my_plugins/bytes.so
build/embedloom plugins --plugin-path build/my_plugins | grep bytes
build/embedloom show examples/02_write_a_tokenizer/bytes.yaml --rows 1
