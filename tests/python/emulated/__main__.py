"""Runs Python with emulated accelerators: PYTHONPATH=tests/python python -m emulated 2 -m pytest tests/python/test_gpu.py"""

import os
import sys

import emulated

if __name__ == "__main__":
    os.environ.update(emulated.environment(sys.argv[1]))
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
